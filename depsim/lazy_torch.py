"""PyTorch, imported at its first use: a command that finds everything finished need not wait seconds for it.

Modules say ``from depsim.lazy_torch import torch``; what runs while they are imported may not use it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
else:

    class _Torch:
        """Stands for the module and forwards every attribute to it."""

        def __getattr__(self, name: str) -> Any:
            value = getattr(importlib.import_module("torch"), name)
            setattr(self, name, value)
            return value

    torch = _Torch()

__all__ = ["torch"]

"""Imported last before commands are forked, so that they find done what each would do first.

Numba's registries are filled, the sources of depsim are read, and the collector of cycles leaves alone what is there.
"""

from __future__ import annotations

import gc
import sys

from numba.core.registry import cpu_target

from depsim.execution import sources

cpu_target.typing_context.refresh()
cpu_target.target_context.refresh()
for name in [name for name in sys.modules if name.startswith("depsim.")]:
    sources._read(name)
gc.freeze()
gc.set_threshold(100_000, 50, 100)

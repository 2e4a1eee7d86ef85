"""Imported before commands are forked: Numba's registries are filled, and what is there is none of the collector's."""

from __future__ import annotations

import gc

from numba.core.registry import cpu_target

cpu_target.typing_context.refresh()
cpu_target.target_context.refresh()
gc.freeze()
gc.set_threshold(100_000, 50, 100)

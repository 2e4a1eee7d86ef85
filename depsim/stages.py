"""The paper's five examinations, in order of time: the one place where their names are written."""

from __future__ import annotations

STAGES = HEALTHY, DEPRESSED, TREATED, WITHDRAWN, RELAPSED = "healthy", "depressed", "treated", "withdrawn", "relapsed"
"""Their places address random streams: never reorder."""
EXAMINED_ON_AND_OFF = (TREATED, WITHDRAWN)
"""The stages that show what a treatment does, and what is left of it without the drug."""
BEFORE = "before"
"""The name of what is measured of healthy and depressed networks to choose and to judge treatments by."""
STRESSED, MAINTAINED = "stressed", "maintained"
"""The examinations of a follow-up: after each stress, and after the maintenance that follows it."""
WITHDRAWAL, FOLLOW_UP = "withdrawal", "follow_up"
"""The examinations of a drug that is taken off step by step, and what is said of a whole follow-up."""
COURSE = "/course"
"""How names of curves end that grow with each examination of a name."""

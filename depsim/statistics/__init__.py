"""Statistics of samples of individuals: pure functions, and the one place for summaries and intervals."""

from depsim.statistics.summary import Summary, summarise, summarise_people

__all__ = ["Summary", "summarise", "summarise_people"]

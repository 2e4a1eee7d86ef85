"""Execution: where, in what pieces and by whom conditions are computed. None of it can change a number."""

"""Reports: what the runs say, beside what was published."""

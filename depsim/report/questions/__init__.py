"""The questions that a report may be asked, one file each; :mod:`depsim.report.asking` finds them."""

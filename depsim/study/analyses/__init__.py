"""Analyses: functions from the conditions of a study to rows of one type."""

"""Figures of a report, and the look they share."""

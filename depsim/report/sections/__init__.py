"""Sections of a report, a module each: ``section(study)`` makes it, or None where the study has nothing of the kind."""

"""Compiled functions: normal numbers, elementary functions, sparse and dense loops. Arrays in, arrays written."""

"""Caches of values that a model computes from a passage alone, in memory and in a file. Knows no model."""

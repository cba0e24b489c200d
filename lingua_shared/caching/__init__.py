"""Caches of scores that depend on a passage alone, found by what they were computed from. Knows no model."""

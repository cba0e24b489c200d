"""Caches of scores that depend on a passage alone. Knows no model."""

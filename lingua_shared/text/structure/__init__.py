"""Parses a text into the units that are kept or dropped together. Knows texts; no model, no budget."""

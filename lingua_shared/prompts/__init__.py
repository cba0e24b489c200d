"""Prompts that are not retrieved passages: their parts, how much is kept of each, and how words are chosen."""

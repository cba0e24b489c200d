"""Puts back into an answer the words that compression dropped from what the answer quotes. Knows no model."""

"""Texts: sentences and words, names and dates, headings, languages, token counts, spans. Knows no model."""

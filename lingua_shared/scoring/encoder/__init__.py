"""The encoder: a cross-encoder with a relevance head and two token heads, its tokenizer, calibration and weights."""

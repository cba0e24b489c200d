"""Compression within a number of milliseconds: the method, else BM25, else nothing is left out."""

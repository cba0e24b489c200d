"""Causal language models: log-likelihoods of passages' tokens and of the question behind a passage."""

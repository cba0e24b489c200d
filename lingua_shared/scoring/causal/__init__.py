"""Causal language models: log-likelihoods of passage tokens, and of the question after a passage."""

"""Trains a token classifier by distillation (LLMLingua-2, arXiv 2403.12968), one restartable command a stage."""

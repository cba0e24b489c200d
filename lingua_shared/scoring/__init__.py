"""Scores of passages, sentences and words, and the models behind them. Only this room and training import torch."""

"""Trains the encoder: from files of questions to weights. Needs nothing that the package does not need to run."""

"""Training of the encoder: from files of questions and a pretrained trunk to calibrated weights."""

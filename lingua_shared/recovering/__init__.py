"""The parts of recovery: words, the index over kept text, what may be changed, and the stream that changes it."""

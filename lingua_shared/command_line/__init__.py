"""The command `lingua`: compresses, ranks, recovers and explains from a shell. Knows no model."""

"""The engine behind HTTP: compression, the contract of a gateway, and a proxy in front of a language model."""

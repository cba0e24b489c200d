"""Adapters for Haystack, DSPy and Pydantic AI, one module each. Each needs its framework, and the engine needs none."""

"""The benchmark suite, described in docs/benchmarks.md: `python -m benchmarks COMMAND` from the root."""

"""The benchmark suite: run `python -m benchmarks COMMAND` from the root of the repository; README.md describes it."""

"""Token classifiers: for each word the probability that it is kept, without a question (LLMLingua-2)."""

"""Recovery: restores in an answer the words that compression dropped from the text that the answer quotes."""

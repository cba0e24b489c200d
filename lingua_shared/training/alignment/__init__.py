"""Distribution alignment (LLMLingua, section 4.3): tunes a small causal model on what a target LLM wrote."""

"""What compression saves: money and time for a given LLM, less what compressing itself costs."""

"""What the LlamaIndex and the LangChain adapter share. Knows neither framework."""

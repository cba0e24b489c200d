"""What the LlamaIndex and the LangChain adapter share. Imports neither framework."""

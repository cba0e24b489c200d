"""Long texts of a growing chat, each shortened once: what an agent's tools return, and context in messages."""

"""Measures on questions of one's own whether answers survive compression, what it saves, and what it costs."""

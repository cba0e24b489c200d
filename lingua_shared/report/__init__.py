"""Shows a result to people: as a web page in one file, in a notebook, and in a terminal. Knows no model."""

"""One module a format. Each says whether it knows a text, and maps it to units."""

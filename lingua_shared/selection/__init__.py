"""What is kept of scored passages within a budget. Knows no model."""

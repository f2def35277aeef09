"""Which words of a pair decide, and which of the two sides align."""

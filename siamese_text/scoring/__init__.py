"""Embeddings to scores to decisions; numpy alone, so that a decision costs no import of torch."""

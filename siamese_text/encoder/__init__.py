"""Texts to tokens to embeddings: pooling, the encoder, its folder on disk, and names to folders."""

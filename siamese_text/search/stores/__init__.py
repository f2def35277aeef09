"""Vectors on disk or in memory, and the nearest of them."""

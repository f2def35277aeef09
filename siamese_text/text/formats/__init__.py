"""Readers of formats: one module each, from the bytes of a file to a ``Reading``."""

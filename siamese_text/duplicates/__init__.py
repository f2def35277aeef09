"""Texts to those of them that are kept: the same ones, nearly the same ones, and those that say the same."""

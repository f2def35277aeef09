"""Texts on a plane: an index -> points -> places, colours -> a page or a picture."""

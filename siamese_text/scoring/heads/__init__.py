"""Trained heads as a few matrices that numpy multiplies: the twin head and the alignment head."""

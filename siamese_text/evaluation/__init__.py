"""Labelled pairs and what a model predicted of them to figures, slices, comparisons and a report."""

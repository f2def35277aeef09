"""Findings as a folder to hand on: a page, JSON and CSV."""

"""Smaller students: plain sentences and a teacher's vectors in, a model that gives nearly the same vectors out.

sentences -> the teacher's vectors -> a few of its layers, or a table of tokens, trained to imitate them -> model folder
"""

"""Estimators on texts with the contract of scikit-learn: an encoder below, a few numbers learned on top.

texts -> encoder (given, never built here) -> (N, D) unit vectors -> what is learned from them
"""

"""Documents to the passages that they share: fingerprints, candidates by meaning, alignment, exclusions."""

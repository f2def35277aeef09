"""Sentences of known words, of which the tests of runs make pairs that say the same, or not."""

SUBJECTS = ["the old cat", "a young dog", "two birds", "the small fish", "one woman", "her teacher", "white bees"]
ACTIONS = ["runs to the lake", "sleeps in the garden", "eats bread at the town", "reads under a tree"]

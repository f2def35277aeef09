"""Pairs out of plain sentences: look-alikes that say something else, and rewordings that say the same.

Modules: ``sentence`` (what a rule sees), ``lexicon`` (word lists), ``negatives`` and ``positives`` (the rules),
``rules`` (rules by name), ``making`` (sentences to pairs), ``mining`` (pairs to hard negatives) and ``files`` (both, to
files).
"""

from siamese_text.augment.making import augment as augment
from siamese_text.augment.making import collect_names as collect_names
from siamese_text.augment.rule import Rule as Rule
from siamese_text.augment.rules import GROUPS as GROUPS
from siamese_text.augment.rules import RULES as RULES
from siamese_text.augment.rules import choose_rules as choose_rules

__all__ = ["GROUPS", "RULES", "Rule", "augment", "choose_rules", "collect_names"]

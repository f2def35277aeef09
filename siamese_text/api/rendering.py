"""Results in words: rows of tables and sentences, as the command line prints and the pages show them.

The names are loaded on first use, like those of ``siamese_text.api``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from siamese_text._lazy import listed_names, loader

if TYPE_CHECKING:
    from siamese_text.evaluation.probe import FEWEST_OF_FAMILY as FEWEST_OF_FAMILY
    from siamese_text.evaluation.report.contents import comparison_rows as comparison_rows
    from siamese_text.evaluation.report.contents import figure_rows as figure_rows
    from siamese_text.evaluation.report.contents import slice_columns as slice_columns
    from siamese_text.evaluation.report.contents import slice_row as slice_row
    from siamese_text.evaluation.report.contents import threshold_words as threshold_words
    from siamese_text.evaluation.report.probe_table import PROBE_FIGURES as PROBE_FIGURES
    from siamese_text.evaluation.slices import FEWEST as FEWEST
    from siamese_text.pages import FIGURES as FIGURES
    from siamese_text.pages import figure as figure
    from siamese_text.pages import percent as percent
    from siamese_text.plagiarism.report.rows import chance_sentence as chance_sentence
    from siamese_text.plagiarism.report.rows import summary as summary
    from siamese_text.plagiarism.report.words import counted as counted
else:  # hidden from type checkers, which would take any name for good
    _HOMES = listed_names(__file__)
    __all__ = sorted(_HOMES)
    __getattr__ = loader(__name__, _HOMES)

"""Files become documents, documents become passages: everything that happens to a text before a model reads it.

Each name is loaded on first use, so that the list of formats (``text.readers``) costs nothing, and the parsers of file
formats are imported by the first document that needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from siamese_text._lazy import listed_names, loader

if TYPE_CHECKING:
    from siamese_text.text.disguise import readable as readable
    from siamese_text.text.disguise import undisguised as undisguised
    from siamese_text.text.file_hashes import FileFacts as FileFacts
    from siamese_text.text.file_hashes import file_facts as file_facts
    from siamese_text.text.files import list_files as list_files
    from siamese_text.text.folder import MAX_BYTES as MAX_BYTES
    from siamese_text.text.folder import files_of as files_of
    from siamese_text.text.folder import read_file as read_file
    from siamese_text.text.folder import read_folder as read_folder
    from siamese_text.text.folding import Folded as Folded
    from siamese_text.text.folding import Word as Word
    from siamese_text.text.folding import fold as fold
    from siamese_text.text.folding import words as words
    from siamese_text.text.passage_split import passages as passages
    from siamese_text.text.passage_split import stripped as stripped
    from siamese_text.text.passwords import Passwords as Passwords
    from siamese_text.text.passwords import read_passwords as read_passwords
    from siamese_text.text.reading import place_of as place_of
    from siamese_text.text.sentence_split import sentences as sentences
else:  # hidden from type checkers, which would take any name for good
    HOMES = listed_names(__file__)
    __all__ = sorted(HOMES)
    __getattr__ = loader(__name__, HOMES)

"""Files become documents, documents become passages: everything that happens to a text before a model reads it.

The parsers of the file formats are imported by the first document that needs them.
"""

from siamese_text.text.folder import list_files, read_file, read_folder
from siamese_text.text.folding import Folded, Word, fold, words
from siamese_text.text.passages import passages, stripped
from siamese_text.text.sentences import sentences

__all__ = [
    "Folded",
    "Word",
    "fold",
    "list_files",
    "passages",
    "read_file",
    "read_folder",
    "sentences",
    "stripped",
    "words",
]

"""What the tests of an index share: an encoder that needs no model, small documents, an index of them."""

import hashlib
import json

import numpy as np

from siamese_text.records import Document
from siamese_text.search.index import PassageIndex
from siamese_text.search.index_folder import IndexInfo
from siamese_text.search.sources import GIVEN, SourceItem, TextSource, given_item

HARBOUR = "The ferry leaves the harbour at noon. It carries bicycles for free."
KITCHEN = "Knead the dough for ten minutes. Let it rise under a damp cloth."
ORCHARD = "Pears ripen after they are picked. Apples keep in a cold cellar."
DOCUMENTS = [Document("harbour.txt", HARBOUR), Document("kitchen.txt", KITCHEN), Document("orchard.txt", ORCHARD)]
SOURCE = TextSource("folder", "/documents")


class BagOfWords:
    """Counts of hashed words; `length` scales every vector, so that they are not of unit length."""

    def __init__(self, width=512, length=1.0):
        self.embedding_dimension, self.length, self.seen = width, length, []

    def encode(self, texts):
        self.seen += texts
        vectors = np.zeros((len(texts), self.embedding_dimension), np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                digest = hashlib.blake2b(word.strip(".,").encode(), digest_size=4).digest()
                vectors[row, int.from_bytes(digest, "big") % self.embedding_dimension] += self.length
        return vectors


def items(documents, **metadata):
    """Documents, which may have problems, as a source has them."""
    for document in documents:
        digest = hashlib.sha256(json.dumps([document.text, document.problem, metadata]).encode()).hexdigest()
        yield SourceItem(document.name, digest, lambda document=document: (document, metadata))


def given(**texts):
    """Texts by their names, as texts in memory."""
    return [(GIVEN, [given_item(name, text, {}) for name, text in texts.items()])]


def build(documents=DOCUMENTS, output=None, *, encoder=None, metadata=None, **options):
    """Build an index, in a temporary folder unless another one is named."""
    options = {"encoder_name": "bag-of-words", "words": 8, **options}
    progress, overwrite = options.pop("progress", None), options.pop("overwrite", False)
    return PassageIndex.build(
        [(SOURCE, items(documents, **(metadata or {})))],
        (encoder or BagOfWords()).encode,
        IndexInfo(**options),
        output=output,
        overwrite=overwrite,
        progress=progress,
    )[0]


def refresh(index, documents, encoder=None, **metadata):
    return index.update([(SOURCE, items(documents, **metadata))], (encoder or BagOfWords()).encode)


def search(index, query, k=10, *, encoder=None, **options):
    """The hits of one query, encoded as the passages were."""
    return index.search([query], (encoder or BagOfWords()).encode([query]), k, **options)[0]


def texts(hits):
    return [hit.passage.text for hit in hits]


def contents(index):
    """All passages of an index, whose vectors are compared with what the encoder gives."""
    with index.reader.reading() as (rows, snapshot):
        found = rows.execute(
            "SELECT name, start, text, passages.id FROM passages JOIN documents ON documents.id = document "
            "JOIN texts ON texts.rowid = passages.id"
        ).fetchall()
        vectors = snapshot.store.take(snapshot.rows_of([row[3] for row in found]))
    np.testing.assert_array_equal(vectors, BagOfWords().encode([row[2] for row in found]).reshape(vectors.shape))
    return sorted((name, start, text) for name, start, text, _ in found)

"""What becomes of the documents of an index when their sources are looked at again, wherever the index is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from siamese_text.errors import BadData, NothingToDo
from siamese_text.records import Document, FloatArray, Passage
from siamese_text.search.sources import SourceItem, TextSource
from siamese_text.text import passages as split_passages
from siamese_text.text import stripped

Encode = Callable[[Sequence[str]], FloatArray]
Known = tuple[int, str | None, str | None, str]  # a document's number, digest, problem and format


@dataclass(frozen=True, slots=True)
class Changes:
    """What a change made of an index.

    Attributes:
        added: Documents that are new.
        changed: Documents whose text, or what is known of them, is another than before.
        removed: Documents that are gone.
        unchanged: Documents of the same sources that were left as they were.
        passages: The passages of the index afterwards.
        encoded: The texts that were encoded.
        skipped: The documents of these sources that are not in the index, each with its problem.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    passages: int = 0
    encoded: int = 0
    skipped: tuple[Document, ...] = ()

    def __str__(self) -> str:
        return f"{self.added:,} added, {self.changed:,} changed, {self.removed:,} removed, {self.unchanged:,} unchanged"


@dataclass(slots=True)
class Plan:
    """What is to be done: documents to delete, and documents to write with their passages.

    Attributes:
        words: The length of a passage in words.
        gone: The numbers of documents to delete.
        new: Documents to write: source, digest, the document without its text, what is known of it, its passages.
        counts: What becomes of documents, as ``Changes`` has it.
        skipped: Documents that cannot be used.
    """

    words: int = 0
    gone: list[int] = field(default_factory=list)
    new: list[tuple[int, str | None, Document, Mapping[str, Any], list[Passage]]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    skipped: list[Document] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)

    def compare(
        self,
        source: TextSource,
        number: int,
        items: Iterable[SourceItem],
        known: Iterable[Sequence[Any]],
        has: Callable[[str], bool],
        *,
        complete: bool,
    ) -> None:
        """Compare what a source has with what the index has of it.

        Args:
            source: The source.
            number: Its number in the index.
            items: Its documents, as they are now.
            known: Of each of its documents in the index: name, number, digest, problem and format.
            has: Tells whether the index has a document of a name, from whatever source.
            complete: Whether documents that the source no longer has are deleted.

        Raises:
            BadData: Two documents have one name.
            NothingToDo: A source that had documents has none; it is left as it was.
        """
        had: dict[str, Known] = {name: (document, *rest) for name, document, *rest in known}
        seen = 0
        for item in items:
            seen += 1
            if item.name in self._names:
                raise BadData(f"'{item.name}' is the name of two documents; give each its own id")
            self._names.add(item.name)
            before = had.pop(item.name, None)
            if before is None and has(item.name):
                raise BadData(f"'{item.name}' is in the index already, from another source; give it another id")
            if before and item.digest is not None and item.digest == before[1]:
                if before[2] is None:
                    self.counts["unchanged"] += 1
                else:
                    self.skipped.append(Document(item.name, format=before[3], problem=before[2]))
                continue
            self._read(number, item, before)
        if complete:
            if had and not seen:
                raise NothingToDo(f"{source.place} holds no documents now; the index is left as it is")
            self.gone += [before[0] for before in had.values()]
            self.counts["removed"] += sum(before[2] is None for before in had.values())

    def _read(self, source: int, item: SourceItem, before: Known | None) -> None:
        """Read a document that is new or another than before, and cut it into passages."""
        document, metadata = item.read()
        if document.problem is None and not document.text.strip():
            document = replace(document, text="", problem="it holds no text")
        was_there = before is not None and before[2] is None
        if before is not None:
            self.gone.append(before[0])
        if document.problem is not None:
            self.skipped.append(document)
            self.counts["removed"] += was_there
        else:
            self.counts["changed" if was_there else "added"] += 1
        pieces = list(stripped(split_passages(document, words=self.words)))
        self.new.append((source, item.digest, replace(document, text=""), metadata, pieces))

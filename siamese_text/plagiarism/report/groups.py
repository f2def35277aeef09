"""Which documents share passages with which, directly or through others: twenty copies of one text are one group."""

from __future__ import annotations

from dataclasses import dataclass

from siamese_text.plagiarism.findings import Findings


@dataclass(frozen=True, slots=True)
class Group:
    """Documents that hang together by pairs that share counted passages.

    Attributes:
        documents: Checked documents, the largest share found elsewhere first.
        sources: Named sources that some of them share passages with.
        pairs: How many pairs of them share passages.
    """

    documents: tuple[str, ...]
    sources: tuple[str, ...]
    pairs: int


def groups(findings: Findings) -> tuple[Group, ...]:
    """Gather what hangs together, the largest group first.

    Args:
        findings: What the check found.

    Returns:
        Groups of at least two documents, or of a document and a source.
    """
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    for pair in findings.pairs:
        leader[find(pair.right)] = find(pair.left)
    checked = [document.name for document in findings.documents]
    known = set(checked)
    together: dict[str, Group] = {}
    for name in [*checked, *sorted(leader.keys() - known)]:
        if name in leader:
            group = together.get(find(name), Group((), (), 0))
            documents = (*group.documents, name) if name in known else group.documents
            sources = group.sources if name in known else (*group.sources, name)
            together[find(name)] = Group(documents, sources, 0)
    for pair in findings.pairs:
        group = together[find(pair.left)]
        together[find(pair.left)] = Group(group.documents, group.sources, group.pairs + 1)
    return tuple(sorted(together.values(), key=lambda group: (-len(group.documents), group.documents)))

"""Embeddings to hits: exact nearest neighbours, and an index of passages that can be saved."""

from siamese_text.search.index import IndexInfo as IndexInfo
from siamese_text.search.index import PassageIndex as PassageIndex
from siamese_text.search.index import read_info as read_info
from siamese_text.search.top_k import top_k as top_k

__all__ = ["IndexInfo", "PassageIndex", "read_info", "top_k"]

"""Texts to hits: an index of passages on disk that can be changed, searched by words and by meaning."""

from siamese_text.search.changes import Changes as Changes
from siamese_text.search.index import PassageIndex as PassageIndex
from siamese_text.search.index_folder import IndexInfo as IndexInfo
from siamese_text.search.index_folder import read_info as read_info
from siamese_text.search.rerank import rerank as rerank
from siamese_text.search.top_k import top_k as top_k

__all__ = ["Changes", "IndexInfo", "PassageIndex", "read_info", "rerank", "top_k"]

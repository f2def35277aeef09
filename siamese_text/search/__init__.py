"""Embeddings to hits: exact nearest neighbours, and an index of passages that can be saved."""

from siamese_text.search.index import PassageIndex as PassageIndex
from siamese_text.search.index_folder import IndexInfo as IndexInfo
from siamese_text.search.index_folder import read_info as read_info
from siamese_text.search.rerank import rerank as rerank
from siamese_text.search.top_k import top_k as top_k

__all__ = ["IndexInfo", "PassageIndex", "read_info", "rerank", "top_k"]

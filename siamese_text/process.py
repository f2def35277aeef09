"""All that this package sets for the whole process, and why; nothing else of it changes what others may be using.

    set_plan_caches         oneDNN and PyTorch keep few plans of matrix products  before the first product
    register_attention      transformers knows a further attention function       before a model asks for it
    keep_heap               glibc keeps freed memory for the next step            when training begins on a CPU
    single_thread_in_forks  PyTorch uses one thread in forked processes           when an encoder is built
    skip_destructors        libraries do not clean up when the process ends       in a fork, with ONNX Runtime
    reset_accelerator       Accelerate forgets the run before                     when a run begins
    allow_long_cells        csv reads cells of up to 2 GiB                        when a table is read
    quiet_transformers      transformers prints nothing, loads in one thread      while a model is read or written

``openmp_threads`` and ``tell_after_fork`` set nothing: the first reads what the user set, the second keeps a list.
Each function may be called from any thread and as often as one likes; each imports what it sets only when called.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import RLock
from typing import Any, Protocol
from weakref import WeakSet

# oneDNN's products are planned for each number of tokens anew, and it and PyTorch's layer above it each keep the last
# 1,024 plans, hundreds of megabytes; these say how many.
PLAN_CACHES = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY")
PLANS_KEPT = 16
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4  # glibc's <malloc.h>
THREADS_VARIABLE = "OMP_NUM_THREADS"  # PyTorch and numpy heed it; ONNX Runtime must be told
LONGEST_CELL = 2**31 - 1  # characters; the library's own limit is 128 kB


def set_plan_caches() -> None:
    """Let oneDNN and PyTorch keep few plans of matrix products; both read the variables at their first product."""
    for variable in PLAN_CACHES:
        os.environ.setdefault(variable, str(PLANS_KEPT))


@cache
def register_attention(name: str, attention: Callable[..., Any]) -> None:
    """Add an attention function to those that transformers knows by name; what it knew already stays as it was."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import eager_mask

    AttentionMaskInterface.register(name, eager_mask)
    AttentionInterface.register(name, attention)


def keep_heap() -> None:
    """Let this process keep freed memory for its next step, in huge pages where Linux has them; elsewhere do nothing.

    PyTorch reads its own switch when it allocates for the first time, so this is best called before that.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform.startswith("linux") else None
    if mallopt:  # musl has none
        os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
        mallopt(M_TOP_PAD, 2**28)


@cache
def single_thread_in_forks() -> None:
    """Let PyTorch use one thread in each process that is forked from now on.

    A fork inherits memory but no threads. OpenMP, which counts on those that it has started, would wait for them for
    ever. A process that is spawned starts its own and is not concerned.
    """
    import torch

    if hasattr(os, "register_at_fork"):  # Windows has no fork
        os.register_at_fork(after_in_child=lambda: torch.set_num_threads(1))


@cache
def skip_destructors() -> None:
    """Let this forked process end without the destructors of libraries, some of which wait for threads of its parent.

    ONNX Runtime's does, for ever. Python has flushed its files and run its own exit handlers by then.
    """
    library = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
    if hasattr(library, "on_exit"):  # musl has none
        library.on_exit(library._exit, None)  # type: ignore[union-attr]


def reset_accelerator() -> None:
    """Let Accelerate forget an earlier run of this process, which may have had another precision or device."""
    from accelerate.state import AcceleratorState

    AcceleratorState._reset_state(reset_partial_state=True)


def allow_long_cells() -> None:
    """Let the csv module read cells as long as whole documents."""
    import csv

    csv.field_size_limit(LONGEST_CELL)


def openmp_threads() -> int:
    """Return how many threads the user asks for, of OpenMP's list the first; 0 where nothing is said."""
    first = os.environ.get(THREADS_VARIABLE, "").partition(",")[0].strip()
    return int(first) if first.isdecimal() else 0


_loading = RLock()


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keep transformers from printing while it reads or writes a model, and let one thread do so at a time.

    While it builds a model, transformers sets PyTorch's default type and device for the whole process. Its progress
    bars and its report would go to the user's terminal.
    """
    from transformers.utils import logging

    with _loading:
        bars, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
        logging.disable_progress_bar()
        logging.set_verbosity_error()
        try:
            yield
        finally:
            logging.set_verbosity(level)
            if bars:
                logging.enable_progress_bar()


class SurvivesFork(Protocol):
    """Something that has to be made anew in a process that was forked."""

    def after_fork(self) -> None:
        """Prepare for use in this process, whose parent has made the object."""


_survivors: WeakSet[SurvivesFork] = WeakSet()


def tell_after_fork(survivor: SurvivesFork) -> None:
    """Call the ``after_fork`` of an object in each process that is forked while the object lives."""
    _survivors.add(survivor)


def _after_fork() -> None:
    global _loading
    _loading = RLock()  # a thread of the parent may hold the old one
    for survivor in list(_survivors):
        survivor.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

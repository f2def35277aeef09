"""What is set once a process: it is set where it should be, and may be set from anywhere and again."""

import csv
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from siamese_text import process


def test_limits_that_the_user_has_set_stay(monkeypatch):
    first, second = process.PLAN_CACHES
    monkeypatch.setenv(first, "3")
    monkeypatch.delenv(second, raising=False)
    process.set_plan_caches()
    assert (os.environ[first], os.environ[second]) == ("3", str(process.PLANS_KEPT))


def test_other_systems_keep_their_own_way_with_memory(monkeypatch):
    monkeypatch.delenv("THP_MEM_ALLOC_ENABLE", raising=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    process.keep_heap()
    assert "THP_MEM_ALLOC_ENABLE" not in os.environ


def test_cells_may_be_as_long_as_documents():
    process.allow_long_cells()
    assert csv.field_size_limit() == process.LONGEST_CELL


@pytest.mark.parametrize(("said", "threads"), [("3", 3), ("4,2", 4), (" 2 ", 2), ("", 0), ("many", 0), (None, 0)])
def test_the_threads_are_those_that_the_user_asked_openmp_for(monkeypatch, said, threads):
    monkeypatch.delenv(process.THREADS_VARIABLE, raising=False)
    if said is not None:
        monkeypatch.setenv(process.THREADS_VARIABLE, said)
    assert process.openmp_threads() == threads


def test_transformers_is_as_loud_as_before_when_several_threads_have_loaded():
    from transformers.utils import logging

    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    seen = []

    def load(_):
        with process.quiet_transformers():
            seen.append((logging.get_verbosity(), logging.is_progress_bar_enabled()))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(load, range(200)))
    assert set(seen) == {(logging.ERROR, False)}
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_an_object_is_told_of_a_fork_in_the_child_alone():
    class Survivor:
        told = False

        def after_fork(self):
            self.told = True

    survivor = Survivor()
    process.tell_after_fork(survivor)
    child = os.fork()
    if not child:
        os._exit(0 if survivor.told else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert not survivor.told

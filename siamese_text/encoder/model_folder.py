"""The model folder: the sentence-transformers layout, read and written without running anything stored in it.

modules.json                        the chain: Transformer, Pooling, Dense …, Normalize
config_sentence_transformers.json   similarity function, prompts
sentence_bert_config.json           longest text in tokens, lower-casing
config.json, model.safetensors, tokenizer …   the transformer, as Hugging Face writes it
1_Pooling/config.json, 2_Dense/, 2_Normalize/

A static encoder is the chain StaticEmbedding, Normalize; see ``static``. ``open_model`` finds such a folder and reads
all of it but the weights; whoever needs a model takes what it gave, so that nothing is looked up or read twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from siamese_text.encoder.resolve import DEFAULT_MODEL, resolve
from siamese_text.errors import BadModel, UsageError

# sentence-transformers wrote one flag a mode before it wrote a name; the order is that of its concatenation.
POOLING_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
# The class paths that every release since 2.0 can open.
MODULE_TYPES = {
    "Transformer": "sentence_transformers.models.Transformer",
    "Pooling": "sentence_transformers.models.Pooling",
    "Dense": "sentence_transformers.models.Dense",
    "Normalize": "sentence_transformers.models.Normalize",
    "StaticEmbedding": "sentence_transformers.models.StaticEmbedding",
}
# Other orders would be computed differently.
CHAIN = re.compile(r"(Transformer Pooling( Dense)*|StaticEmbedding)( Normalize)?")
# Every model has these two, blank unless set: sentence-transformers does not give queries and documents the default.
TASK_PROMPTS = {"query": "", "document": ""}
ACTIVATIONS = {
    "torch.nn.modules.linear.Identity": "Identity",
    "torch.nn.modules.activation.Tanh": "Tanh",
    "torch.nn.modules.activation.ReLU": "ReLU",
    "torch.nn.modules.activation.GELU": "GELU",
}


@dataclass(frozen=True, slots=True)
class Projection:
    """A dense layer after pooling; ``folder`` holds its weights."""

    width_in: int
    width_out: int
    bias: bool = True
    activation: str = "Identity"
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """All of an encoder but its weights.

    ``max_seq_length`` None leaves the length to the tokenizer; ``hidden_size`` 0 is filled in once the transformer is
    loaded.
    """

    transformer: Path
    hidden_size: int = 0
    pooling: tuple[str, ...] = ("mean",)
    include_prompt: bool = True
    projections: tuple[Projection, ...] = ()
    normalize: bool = False
    max_seq_length: int | None = None
    lower_case: bool = False
    similarity_fn_name: str = "cosine"
    prompts: Mapping[str, str] = field(default_factory=TASK_PROMPTS.copy)
    default_prompt: str | None = None
    static: bool = False  # a table of token vectors in place of transformer and pooling

    def prompt(self, name: str | None) -> str:
        """Return what goes before each text: the prompt of a name, or by default the model's own default.

        Raises:
            UsageError: The model has no prompt of that name.
        """
        name = name or self.default_prompt
        if name is None:
            return ""
        if name not in self.prompts:
            raise UsageError(f"the model has no prompt '{name}'; it has {', '.join(self.prompts)}")
        return self.prompts[name]


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model folder that was found and read.

    Attributes:
        folder: Where it lies.
        source: Where it came from: ``path``, ``installed package ...``, ``hub cache`` or ``hub``.
        layout: How its encoder is built.
    """

    folder: Path
    source: str
    layout: Layout


def open_model(model: str | Path | ModelFolder = DEFAULT_MODEL) -> ModelFolder:
    """Find a model and read how it is built; one that is open already is handed back.

    Args:
        model: A folder, or a name that is looked up locally first (see ``resolve``).

    Returns:
        The folder, its source and its layout.

    Raises:
        MissingInput: No place has the model.
        BadModel: A file is missing or broken, or the modules are of an unknown kind or order.
    """
    if isinstance(model, ModelFolder):
        return model
    found = resolve(model)
    return ModelFolder(found.folder, found.source, read_layout(found.folder))


def read_layout(folder: Path) -> Layout:
    """Read how the encoder in a folder is built.

    Args:
        folder: A sentence-transformers folder, or a plain Hugging Face one, which gets mean pooling.

    Returns:
        The layout, with the folder that holds the transformer.

    Raises:
        BadModel: A file is missing or broken, the modules are of an unknown kind or order, or the weights are only
            a pickle.
    """
    try:
        return _read_layout(folder)
    except (AttributeError, KeyError, TypeError) as error:  # valid JSON, but not of the form that it should have
        raise BadModel(f"{folder} has settings of an unknown form ({error!r}); the model folder is damaged") from error


def write_layout(folder: Path, layout: Layout) -> None:
    """Write the small files of a model folder; the transformer, tokenizer and dense weights are written beside it.

    Args:
        folder: An existing folder.
        layout: What to write; its ``transformer`` is ignored, the transformer lies in ``folder`` itself.
    """
    from siamese_text._version import __version__

    modules: list[tuple[str, str, dict[str, Any]]]
    if layout.static:
        modules = [("StaticEmbedding", "", {})]
    else:
        modules = [("Transformer", "", {}), ("Pooling", "1_Pooling", _pooling_config(layout))]
    for index, projection in enumerate(layout.projections):
        modules.append(("Dense", dense_folder(index), _dense_config(projection)))
    if layout.normalize:
        modules.append(("Normalize", f"{len(modules)}_Normalize", {}))
    for kind, path, config in modules:
        (folder / path).mkdir(exist_ok=True)
        if kind in {"Pooling", "Dense"}:
            _write_json(folder / path / "config.json", config)
    chain = [
        {"idx": index, "name": str(index), "path": path, "type": MODULE_TYPES[kind]}
        for index, (kind, path, _) in enumerate(modules)
    ]
    _write_json(folder / "modules.json", chain)
    if not layout.static:
        _write_json(
            folder / "sentence_bert_config.json",
            {"max_seq_length": layout.max_seq_length, "do_lower_case": layout.lower_case},
        )
    _write_json(
        folder / "config_sentence_transformers.json",
        {
            "__version__": {"siamese_text": __version__},
            "prompts": dict(layout.prompts),
            "default_prompt_name": layout.default_prompt,
            "similarity_fn_name": layout.similarity_fn_name,
        },
    )


def dense_folder(index: int) -> str:
    """Return the folder of the projection at ``index``: the chain begins with the transformer and the pooling."""
    return f"{index + 2}_Dense"


def _pooling_config(layout: Layout) -> dict[str, Any]:
    """Return the flags that every release reads; they cannot express an order of several modes, names can."""
    if len(layout.pooling) > 1:
        return {
            "embedding_dimension": layout.hidden_size,
            "pooling_mode": list(layout.pooling),
            "include_prompt": layout.include_prompt,
        }
    flags = {flag: mode in layout.pooling for flag, mode in POOLING_FLAGS.items()}
    return {"word_embedding_dimension": layout.hidden_size, **flags, "include_prompt": layout.include_prompt}


def _dense_config(projection: Projection) -> dict[str, Any]:
    activation = next(path for path, name in ACTIVATIONS.items() if name == projection.activation)
    return {
        "in_features": projection.width_in,
        "out_features": projection.width_out,
        "bias": projection.bias,
        "activation_function": activation,
    }


def _read_layout(folder: Path) -> Layout:
    modules = _read_json(folder / "modules.json", missing=[])
    kinds = " ".join(_kind(module) for module in modules)
    if modules and not CHAIN.fullmatch(kinds):
        raise BadModel(
            f"{folder} has the modules {kinds}; only Transformer Pooling [Dense …] [Normalize] is read, "
            f"or StaticEmbedding [Normalize]"
        )
    transformer = folder / (modules[0]["path"] if modules else "")
    static = kinds.startswith("StaticEmbedding")
    _check_transformer(transformer, static=static)
    settings = _read_json(folder / "config_sentence_transformers.json", missing={})
    text = _read_json(transformer / "sentence_bert_config.json", missing={})
    prompts = {name: prompt for name, prompt in (settings.get("prompts") or {}).items() if prompt is not None}
    layout: dict[str, Any] = {"pooling": ("mean",), "projections": (), "normalize": False}
    for module in modules[1:]:
        layout |= _read_module(_kind(module), folder / module["path"], layout)
    return Layout(
        transformer=transformer,
        **layout,
        max_seq_length=text.get("max_seq_length"),
        lower_case=bool(text.get("do_lower_case", False)),
        similarity_fn_name=settings.get("similarity_fn_name") or "cosine",
        prompts=TASK_PROMPTS | prompts,
        default_prompt=settings.get("default_prompt_name"),
        static=static,
    )


def _read_module(kind: str, path: Path, layout: Mapping[str, Any]) -> dict[str, Any]:
    """Return what one entry of modules.json adds to the layout."""
    if kind == "Normalize":
        return {"normalize": True}
    if kind == "Dense":
        return {"projections": (*layout["projections"], _read_projection(path))}
    config = _read_json(path / "config.json")
    named = config.get("pooling_mode")
    modes = [named] if isinstance(named, str) else named
    modes = modes or [mode for flag, mode in POOLING_FLAGS.items() if config.get(flag)]
    known = POOLING_FLAGS.values()
    if not modes or not set(modes) <= set(known):
        raise BadModel(f"{path} has the pooling {modes}; known are {', '.join(known)}")
    return {"pooling": tuple(modes), "include_prompt": config.get("include_prompt", True)}


def _read_projection(folder: Path) -> Projection:
    config = _read_json(folder / "config.json")
    path = config.get("activation_function", "torch.nn.modules.activation.Tanh")
    if path not in ACTIVATIONS:
        raise BadModel(f"{folder} has the activation {path}; known are {', '.join(ACTIVATIONS.values())}")
    if config.get("use_residual") or config.get("module_input_name", "sentence_embedding") != "sentence_embedding":
        raise BadModel(f"{folder} is a dense layer on tokens or with a residual connection; only plain ones are read")
    if not (folder / "model.safetensors").is_file():
        raise BadModel(f"{folder} has no model.safetensors; pickled weights are never loaded, save the model anew")
    return Projection(
        config["in_features"], config["out_features"], config.get("bias", True), ACTIVATIONS[path], folder
    )


def _check_transformer(folder: Path, *, static: bool) -> None:
    """Refuse a folder that Hugging Face would fail on with a page of text, or load by unpickling."""
    if not static and not (folder / "config.json").is_file():
        raise BadModel(f"{folder} has no config.json; give a Hugging Face or sentence-transformers model folder")
    if not list(folder.glob("*.safetensors")):
        pickles = sorted(file.name for file in folder.glob("*.bin"))
        seen = f"only {pickles[0]}, a pickle, which is never loaded" if pickles else "no weights"
        raise BadModel(f"{folder} holds {seen}; save the model with safetensors")
    if not any((folder / name).is_file() for name in ("tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model")):
        raise BadModel(f"{folder} has no tokenizer (tokenizer.json or vocab.txt); copy it beside the weights")


def _kind(module: Mapping[str, Any]) -> str:
    """Return the class of a module; its package has moved between releases, its name has not."""
    return str(module["type"]).rpartition(".")[2]


def _read_json(path: Path, missing: Any = None) -> Any:
    if not path.is_file():
        if missing is None:
            raise BadModel(f"{path.parent} has no {path.name}; the model folder is incomplete")
        return missing
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadModel(f"{path} is not valid JSON ({error}); the model folder is damaged") from error


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")

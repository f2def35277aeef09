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

from siamese_text.encoder import folder_keys as keys
from siamese_text.encoder.resolve import DEFAULT_MODEL, resolve
from siamese_text.encoder.similarity import SIMILARITIES
from siamese_text.errors import BadModel, UsageError
from siamese_text.warn import warn_user

# The class paths that every release since 2.0 can open.
MODULE_TYPES = {
    "Transformer": "sentence_transformers.models.Transformer",
    "Pooling": "sentence_transformers.models.Pooling",
    "Dense": "sentence_transformers.models.Dense",
    "Normalize": "sentence_transformers.models.Normalize",
    "StaticEmbedding": "sentence_transformers.models.StaticEmbedding",
}
# Other orders would be computed differently. What is dropped out in training is kept when texts are read.
CHAIN = re.compile(r"(Transformer Pooling( (Dense|Dropout))*|StaticEmbedding( Dropout)*)( Normalize)?( Dropout)*")
TOKENIZERS = ("tokenizer.json", "vocab*", "*.model", "*.bpe", "merges.txt")  # any of them may be all that there is
# Every model has these two, blank unless set: sentence-transformers does not give queries and documents the default.
TASK_PROMPTS = {"query": "", "document": ""}


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
    truncate_dim: int | None = None  # embeddings are cut to their first dimensions, last of all
    tokenizer_options: Mapping[str, Any] = field(default_factory=dict)  # for Hugging Face's tokenizer
    config_options: Mapping[str, Any] = field(default_factory=dict)  # in place of what config.json says

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
        text = {"max_seq_length": layout.max_seq_length, "do_lower_case": layout.lower_case}
        options = {"tokenizer_args": dict(layout.tokenizer_options), "config_args": dict(layout.config_options)}
        _write_json(folder / keys.TEXT_SETTINGS[0], text | {key: value for key, value in options.items() if value})
    model = {
        "__version__": {"siamese_text": __version__},
        "prompts": dict(layout.prompts),
        "default_prompt_name": layout.default_prompt,
        "similarity_fn_name": layout.similarity_fn_name,
    }
    truncated = {} if layout.truncate_dim is None else {"truncate_dim": layout.truncate_dim}
    _write_json(folder / "config_sentence_transformers.json", model | truncated)


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
    flags = {flag: mode in layout.pooling for flag, mode in keys.POOLING_FLAGS.items()}
    return {"word_embedding_dimension": layout.hidden_size, **flags, "include_prompt": layout.include_prompt}


def _dense_config(projection: Projection) -> dict[str, Any]:
    return {
        "in_features": projection.width_in,
        "out_features": projection.width_out,
        "bias": projection.bias,
        "activation_function": keys.activation_path(projection.activation),
    }


def _read_layout(folder: Path) -> Layout:
    file = folder / "modules.json"
    modules = keys.read_json(file, missing=[])
    for module in modules:
        keys.check_module(file, module)
    kinds = " ".join(_kind(module) for module in modules)
    if modules and not CHAIN.fullmatch(kinds):
        raise BadModel(
            f"{folder} has the modules {kinds}; only Transformer Pooling [Dense …] [Normalize] is read, "
            f"or StaticEmbedding [Normalize]"
        )
    transformer = folder / (modules[0]["path"] if modules else "")
    static = kinds.startswith("StaticEmbedding")
    _check_transformer(transformer, static=static)
    layout: dict[str, Any] = {"projections": (), "normalize": False}
    if not modules:
        layout["pooling"] = (_plain_pooling(folder),)
    for module in modules[1:]:
        layout |= _read_module(_kind(module), folder / module["path"], layout)
    if not static:
        layout |= _read_text_settings(transformer)
    return Layout(transformer=transformer, static=static, **layout, **_read_model_settings(folder))


def _read_model_settings(folder: Path) -> dict[str, Any]:
    """Return what the model as a whole says: its prompts, its similarity function, the width of its embeddings."""
    file = folder / "config_sentence_transformers.json"
    settings = keys.read_json(file, missing={})
    keys.check_keys(file, settings, keys.MODEL)
    keys.check_requirements(file, settings.get("requirements"))
    prompts = {name: prompt for name, prompt in (settings.get("prompts") or {}).items() if prompt is not None}
    prompts = TASK_PROMPTS | prompts
    default = settings.get("default_prompt_name")
    if default is not None and default not in prompts:
        raise BadModel(f"{file} has the default prompt {default}, but only the prompts {', '.join(prompts)}")
    similarity = settings.get("similarity_fn_name") or "cosine"
    if similarity not in SIMILARITIES:
        raise BadModel(f"{file} has the similarity {similarity}; known are {', '.join(SIMILARITIES)}")
    width = settings.get("truncate_dim")
    if width is not None and (not isinstance(width, int) or width < 1):
        raise BadModel(f"{file} has truncate_dim {width}; an embedding keeps 1 dimension or more")
    return {
        "similarity_fn_name": similarity,
        "prompts": prompts,
        "default_prompt": default,
        "truncate_dim": width,
    }


def _read_text_settings(folder: Path) -> dict[str, Any]:
    """Return how the transformer in a folder reads texts."""
    file = next(
        (folder / name for name in keys.TEXT_SETTINGS if (folder / name).is_file()), folder / keys.TEXT_SETTINGS[0]
    )
    settings = keys.read_json(file, missing={})
    keys.check_keys(file, settings, keys.TEXT)
    keys.check_modalities(file, settings.get("modality_config"))
    keys.options_of(file, settings, "model")  # those that we read are ours to choose
    tokenizer = keys.options_of(file, settings, "tokenizer")
    return {
        "max_seq_length": tokenizer.pop("model_max_length", None) or settings.get("max_seq_length"),
        "lower_case": bool(settings.get("do_lower_case", False)),
        "tokenizer_options": tokenizer,
        "config_options": keys.options_of(file, settings, "config"),
    }


def _plain_pooling(folder: Path) -> str:
    """Return how a folder of Hugging Face alone is pooled: by the last token where no token sees those behind it."""
    tokenizer = keys.read_json(folder / "tokenizer_config.json", missing={})
    if (folder / "chat_template.jinja").is_file() or "chat_template" in tokenizer:
        warn_user(f"{folder} has a chat template, which is not used: texts are read as they are")
    config = keys.read_json(folder / "config.json")
    architecture = (config.get("architectures") or [""])[0]
    return "lasttoken" if architecture.endswith("ForCausalLM") and config.get("is_causal", True) else "mean"


def _read_module(kind: str, path: Path, layout: Mapping[str, Any]) -> dict[str, Any]:
    """Return what one entry of modules.json adds to the layout."""
    file = path / "config.json"
    if kind in ("Normalize", "Dropout"):
        keys.check_keys(file, keys.read_json(file, missing={}), keys.NORMALIZE if kind == "Normalize" else keys.DROPOUT)
        return {"normalize": True} if kind == "Normalize" else {}
    config = keys.read_json(file)
    if kind == "Dense":
        return {"projections": (*layout["projections"], _read_projection(file, config))}
    keys.check_keys(file, config, keys.POOLING)
    named = config.get("pooling_mode")
    modes = [named] if isinstance(named, str) else named
    modes = modes or [mode for flag, mode in keys.POOLING_FLAGS.items() if config.get(flag)]
    if not modes and not any(flag in config for flag in keys.POOLING_FLAGS):
        modes = ["mean"]
    known = keys.POOLING_FLAGS.values()
    if not modes or not set(modes) <= set(known):
        raise BadModel(f"{path} has the pooling {modes}; known are {', '.join(known)}")
    width = config.get("embedding_dimension", config.get("word_embedding_dimension", 0))
    return {"pooling": tuple(modes), "include_prompt": config.get("include_prompt", True), "hidden_size": width}


def _read_projection(file: Path, config: Mapping[str, Any]) -> Projection:
    keys.check_keys(file, config, keys.DENSE)
    activation = keys.activation_name(file, config.get("activation_function", keys.activation_path("Tanh")))
    if not (file.parent / "model.safetensors").is_file():
        raise BadModel(f"{file.parent} has no model.safetensors; pickled weights are never loaded, save the model anew")
    return Projection(config["in_features"], config["out_features"], config.get("bias", True), activation, file.parent)


def _check_transformer(folder: Path, *, static: bool) -> None:
    """Refuse a folder that Hugging Face would fail on with a page of text, or load by unpickling."""
    if (folder / "adapter_config.json").is_file():
        raise BadModel(f"{folder} holds an adapter (adapter_config.json); merge it into its model and save that")
    if not static and not (folder / "config.json").is_file():
        raise BadModel(f"{folder} has no config.json; give a Hugging Face or sentence-transformers model folder")
    if not list(folder.glob("*.safetensors")):
        pickles = sorted(file.name for file in folder.glob("*.bin"))
        seen = f"only {pickles[0]}, a pickle, which is never loaded" if pickles else "no weights"
        raise BadModel(f"{folder} holds {seen}; save the model with safetensors")
    if not any(file.is_file() for name in TOKENIZERS for file in folder.glob(name)):
        raise BadModel(f"{folder} has no tokenizer (tokenizer.json or vocab.txt); copy it beside the weights")


def _kind(module: Mapping[str, Any]) -> str:
    """Return the class of a module; its package has moved between releases, its name has not."""
    return str(module["type"]).rpartition(".")[2]


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")

"""Every key of a sentence-transformers folder: what we read, what changes no vector, and what is refused by name.

A key that nobody reads is a setting that silently does not hold, so none is skipped: the tables below name those that
sentence-transformers 6.2 writes, and any other one is refused together with the file that holds it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Any

from siamese_text.errors import BadModel

READ_AS = "6.2.0"  # the release of sentence-transformers that folders are read like
# sentence-transformers wrote one flag a mode before it wrote a name; the order is that of its concatenation.
POOLING_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
# Activations without a setting of their own, which treat each number alone.
ACTIVATIONS = (
    *("Identity", "Tanh", "ReLU", "GELU", "Sigmoid", "SiLU", "Mish", "ELU", "SELU", "CELU", "ReLU6", "LeakyReLU"),
    *("Softplus", "Softsign", "Hardtanh", "Hardsigmoid", "Hardswish", "LogSigmoid", "Tanhshrink"),
)
# The first is written; releases before the first wrote a name for each kind of transformer.
TEXT_SETTINGS = (
    "sentence_bert_config.json",
    *(
        f"sentence_{kind}_config.json"
        for kind in ("roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
    ),
)
# Older and newer names of options for Hugging Face's three classes.
OPTIONS = {
    "model_args": "model",
    "model_kwargs": "model",
    "tokenizer_args": "tokenizer",
    "processor_kwargs": "tokenizer",
    "config_args": "config",
    "config_kwargs": "config",
}
# Where files come from is ours to say, and code of a folder is never run.
PLACES = {"token", "revision", "cache_dir", "local_files_only", "subfolder", "trust_remote_code", "use_fast"}
# Of the model: precision and place of the computation, which we choose, and a pooler that no embedding uses.
IDLE_MODEL_OPTIONS = PLACES | {
    *("dtype", "torch_dtype", "attn_implementation", "device_map", "low_cpu_mem_usage", "use_safetensors"),
    "add_pooling_layer",
}
PLAIN_TEXT = {"method": "forward", "method_output_name": "last_hidden_state"}


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one kind of file.

    Attributes:
        read: Those that whoever opens the file reads.
        idle: Those that change no vector.
        fixed: Those that are read where they have one of the values given.
    """

    read: frozenset[str] = frozenset()
    idle: frozenset[str] = frozenset()
    fixed: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


SENTENCE = ("sentence_embedding", None)
MODULE = Keys(frozenset({"type", "path"}), frozenset({"idx", "name"}), {"kwargs": ([], {}, None)})
MODEL = Keys(
    frozenset({"prompts", "default_prompt_name", "similarity_fn_name", "truncate_dim", "requirements"}),
    frozenset({"__version__"}),
    {"model_type": ("SentenceTransformer", None)},
)
TEXT = Keys(
    frozenset({"max_seq_length", "do_lower_case", "modality_config", *OPTIONS}),
    frozenset({"unpad_inputs"}),
    {
        "transformer_task": ("feature-extraction",),
        "module_output_name": ("token_embeddings",),
        "processing_kwargs": ({}, None),
        "query_length": (None,),
        "document_length": (None,),
        "query_expansion": (None,),
        "tokenizer_name_or_path": (None,),
    },
)
POOLING = Keys(
    frozenset({"pooling_mode", "include_prompt", "embedding_dimension", "word_embedding_dimension", *POOLING_FLAGS})
)
DENSE = Keys(
    frozenset({"in_features", "out_features", "bias", "activation_function"}),
    fixed={"module_input_name": SENTENCE[:1], "module_output_name": SENTENCE, "use_residual": (False,)},
)
NORMALIZE = Keys(fixed={"module_input_name": SENTENCE[:1], "module_output_name": SENTENCE})
DROPOUT = Keys(idle=frozenset({"dropout"}))  # texts are read without it


def read_json(path: Path, missing: Any = None) -> Any:
    """Return what a JSON file holds, ``missing`` where there is no such file.

    Raises:
        BadModel: It is not valid JSON, or it is missing and must not be.
    """
    if not path.is_file():
        if missing is None:
            raise BadModel(f"{path.parent} has no {path.name}; the model folder is incomplete")
        return missing
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadModel(f"{path} is not valid JSON ({error}); the model folder is damaged") from error


def check_keys(path: Path, values: Mapping[str, Any], keys: Keys) -> None:
    """Refuse a file with a key that is not read, or with a value under which vectors would be others than ours.

    Args:
        path: The file, for the message.
        values: What it holds.
        keys: What its kind may hold.

    Raises:
        BadModel: A key or a value is not read; the message names both.

    Example:
        >>> check_keys(Path("config.json"), {"dropout": 0.1}, DROPOUT)
        >>> check_keys(Path("config.json"), {"module_input_name": "token_embeddings"}, NORMALIZE)
        Traceback (most recent call last):
        ...
        siamese_text.errors.BadModel: config.json sets module_input_name to "token_embeddings"; only \
"sentence_embedding" is read; use another model
    """
    for key, value in values.items():
        if key in keys.fixed:
            if value not in keys.fixed[key]:
                raise BadModel(
                    f"{path} sets {key} to {_shown(value)}; only {_shown(keys.fixed[key][0])} is read; "
                    f"use another model"
                )
        elif key not in keys.read | keys.idle:
            known = ", ".join(sorted({*keys.read, *keys.idle, *keys.fixed}))
            raise BadModel(f"{path} has the key {key}, which is not read (read are {known}); save the model without it")


def check_module(path: Path, module: Mapping[str, Any]) -> None:
    """Refuse an entry of modules.json whose class is another's code, or whose files lie outside the model folder.

    Args:
        path: The file, for the message.
        module: The entry.

    Raises:
        BadModel: It is one of these, or has a key that is not read.
    """
    check_keys(path, module, MODULE)
    kind = str(module["type"])
    if not kind.startswith("sentence_transformers."):
        raise BadModel(f"{path} has the module {kind}, code of its own, which is never run; use another model")
    inside = PurePosixPath(str(module["path"]).replace("\\", "/"))
    if inside.is_absolute() or ".." in inside.parts or ":" in str(inside):
        raise BadModel(f"{path} has the path {inside}, outside the model folder; the model folder is damaged")


def check_requirements(path: Path, requirements: Mapping[str, Any] | None) -> None:
    """Refuse a model whose author says that it needs other releases than are installed.

    Args:
        path: The file, for the message.
        requirements: Specifiers by package, or objects with a ``specifier``.

    Raises:
        BadModel: One is not met; of sentence-transformers counts the release that folders are read like.
    """
    if not requirements:
        return
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    for name, wanted in requirements.items():
        specifier = str(wanted.get("specifier", "") if isinstance(wanted, Mapping) else wanted)
        installed = _installed(name)
        try:
            met = installed is not None and SpecifierSet(specifier, prereleases=True).contains(installed)
        except InvalidSpecifier:
            met = False
        if not met:
            raise BadModel(
                f"{path} requires {name} {specifier}, and there is {installed or 'none'}; install that first"
            )


def check_modalities(path: Path, modalities: Mapping[str, Any] | None) -> None:
    """Refuse a transformer that reads texts otherwise than by its last layer, such as through a chat template.

    Args:
        path: The file, for the message.
        modalities: How it reads each kind of input; None is how folders without this key are read.

    Raises:
        BadModel: It reads texts in another way.
    """
    if modalities is None:
        return
    if "message" in modalities:
        raise BadModel(f"{path} reads texts through a chat template (modality message), which is not read")
    if modalities.get("text") != PLAIN_TEXT:
        raise BadModel(f"{path} reads texts by {_shown(modalities.get('text'))}; only {_shown(PLAIN_TEXT)} is read")


def options_of(path: Path, values: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the options that a file sets for one of Hugging Face's classes, less those of where files come from.

    Args:
        path: The file, for the message.
        values: What it holds.
        kind: ``model``, ``tokenizer`` or ``config``.

    Raises:
        BadModel: An option of the model would change its vectors.
    """
    options: dict[str, Any] = {}
    for key, wanted in OPTIONS.items():
        if wanted == kind:
            options |= values.get(key) or {}
    if kind == "model":
        check_keys(path, options, Keys(idle=frozenset(IDLE_MODEL_OPTIONS)))
        return {}
    return {key: value for key, value in options.items() if key not in PLACES}


def activation_name(path: Path, class_path: str) -> str:
    """Return the name in ``torch.nn`` of an activation that is stored by the path of its class.

    Raises:
        BadModel: It is none of ``ACTIVATIONS``.
    """
    package, _, name = class_path.rpartition(".")
    if name not in ACTIVATIONS or package not in {"torch.nn", activation_path(name).rpartition(".")[0]}:
        raise BadModel(f"{path} has the activation {class_path}; known are {', '.join(ACTIVATIONS)}")
    return name


def activation_path(name: str) -> str:
    """Return the path of the class of an activation, as sentence-transformers stores it."""
    return f"torch.nn.modules.{'linear' if name == 'Identity' else 'activation'}.{name}"


def _installed(package: str) -> str | None:
    """Return the release of a package, None where it is not installed."""
    if package in {"sentence_transformers", "sentence-transformers"}:
        return READ_AS
    if package == "python":
        from platform import python_version

        return python_version()
    try:
        return version({"pytorch": "torch"}.get(package, package))
    except PackageNotFoundError:
        return None


def _shown(value: Any) -> str:
    """Return a value as it stands in the file, on one line."""
    return json.dumps(value)[:200]

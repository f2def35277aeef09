"""A transformer and its tokenizer out of a folder: opened as sentence-transformers does, or refused in one line."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

import torch

from siamese_text.encoder.model_folder import Layout
from siamese_text.errors import BadModel, UsageError
from siamese_text.process import quiet_transformers

SHIFTED_POSITIONS = {"roberta", "xlm-roberta", "mpnet", "camembert"}  # they begin after the padding index
NO_LIMIT = 10**9  # Hugging Face tokenizers without a length carry a number beyond it
# Of these, which read and write, only the half that reads is used: by the class of that half.
READING_HALVES = {
    "blenderbot": "BlenderbotEncoder",
    "blenderbot-small": "BlenderbotSmallEncoder",
    "longt5": "LongT5EncoderModel",
    "m2m_100": "M2M100Encoder",
    "marian": "MarianEncoder",
    "mt5": "MT5EncoderModel",
    "pegasus": "PegasusEncoder",
    "pegasus_x": "PegasusXEncoder",
    "prophetnet": "ProphetNetEncoder",
    "switch_transformers": "SwitchTransformersEncoderModel",
    "t5": "T5EncoderModel",
    "t5gemma": "T5GemmaEncoderModel",
    "umt5": "UMT5EncoderModel",
}
# Their output is known to be as wide as their configuration says, so that no text is read to learn it.
AS_CONFIGURED = {
    "albert",
    "bert",
    "camembert",
    "distilbert",
    "electra",
    "modernbert",
    "mpnet",
    "roberta",
    "xlm-roberta",
}
PROBED = 8  # tokens of the text that is read; some need several
LOCAL: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}


def load_transformer(layout: Layout) -> tuple[Any, Any]:
    """Load the transformer and the tokenizer that a layout names.

    Args:
        layout: As it was read from a folder.

    Returns:
        A Hugging Face model in float32, and its tokenizer, which has a padding token.

    Raises:
        BadModel: The folder would be loaded in part or run as code, or reads texts otherwise than we do.
    """
    folder = layout.transformer
    with quiet_transformers():
        try:
            tokenizer, transformer, report = _load(layout)
        except BadModel:
            raise
        except Exception as error:  # several libraries raise their own classes here, and tokenizers raises Exception
            reason = str(error).strip().partition("\n")[0]
            raise BadModel(f"{folder} cannot be loaded ({reason}); save the model anew") from error
    missing = sorted(name for name in report["missing_keys"] if not name.startswith("pooler."))  # no embedding uses it
    if missing:
        raise BadModel(f"{folder} lacks {len(missing)} weights, such as {missing[0]}; save the model anew")
    if "input_ids" not in inspect.signature(transformer.forward).parameters:
        raise BadModel(f"{folder} is a {transformer.config.model_type}, which reads no texts; use a model of texts")
    if layout.hidden_size not in (0, output_width(transformer)):
        raise BadModel(
            f"{folder} has states of {output_width(transformer)} dimensions, but its pooling is of "
            f"{layout.hidden_size}; correct embedding_dimension in the pooling's config.json"
        )
    return transformer, tokenizer


def longest(transformer: Any, tokenizer: Any, wanted: int | None) -> int:
    """Return the longest text in tokens that is read.

    Args:
        transformer: Whose positions are a limit, where it has a table of them.
        tokenizer: Whose own length holds where none is wanted.
        wanted: The length that a folder or a user asks for.

    Raises:
        UsageError: More is wanted than the transformer has positions.
    """
    positions = getattr(transformer.config, "max_position_embeddings", None) or NO_LIMIT
    if positions < 0:  # XLNet's way to say that there is no limit
        positions = NO_LIMIT
    if getattr(transformer.config, "model_type", "") in SHIFTED_POSITIONS:
        positions -= 2
    limit = min(int(positions), NO_LIMIT)
    if wanted is not None and wanted > limit:
        raise UsageError(f"max_seq_length is {wanted}; this model reads at most {limit} tokens")
    return min(wanted or tokenizer.model_max_length, limit)


def output_width(transformer: Any) -> int:
    """Return the number of dimensions of a token's state: of a kind that we do not know, by reading a text.

    Raises:
        BadModel: It needs more than the tokens of a text, or gives no states.
    """
    config = transformer.config
    if config.model_type in AS_CONFIGURED:
        return int(config.hidden_size)
    text = torch.zeros(1, PROBED, dtype=torch.int64, device=next(transformer.parameters()).device)
    try:
        with torch.inference_mode():
            output = transformer(input_ids=text, attention_mask=torch.ones_like(text))
        return int(output.last_hidden_state.shape[-1])
    except Exception as error:  # whatever the code of a transformer of any kind does not like
        reason = " ".join(str(error).split())[:200]
        raise BadModel(
            f"a {config.model_type} gives no states of the tokens of a text ({reason}); use an encoder of texts"
        ) from error


def _load(layout: Layout) -> tuple[Any, Any, Any]:
    """Return the tokenizer, the transformer and the report of which weights were found."""
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    folder = layout.transformer
    config = AutoConfig.from_pretrained(folder, **{**layout.config_options, **LOCAL})
    _check_config(layout, config)
    _remember_nothing(config)
    tokenizer = AutoTokenizer.from_pretrained(folder, **{**layout.tokenizer_options, **LOCAL})
    _check_tokenizer(layout, tokenizer)
    options = {"config": config, "use_safetensors": True, "dtype": torch.float32, "output_loading_info": True, **LOCAL}
    if config.model_type not in READING_HALVES:
        return tokenizer, *AutoModel.from_pretrained(folder, **options)
    module = config.model_type.replace("-", "_")
    half = getattr(import_module(f"transformers.models.{module}.modeling_{module}"), READING_HALVES[config.model_type])
    config.is_encoder_decoder = config.is_encoder_decoder and config.model_type != "t5gemma"  # has one class for both
    transformer, report = half.from_pretrained(folder, **options)
    if report["missing_keys"]:  # the whole is stored, under names that the class of its half does not know
        whole, report = AutoModel.from_pretrained(folder, **options)
        transformer = whole.get_encoder()
    return tokenizer, transformer, report


def _check_config(layout: Layout, config: Any) -> None:
    """Refuse kinds that would be computed otherwise than they were trained."""
    if config.model_type == "xlnet":
        raise BadModel(f"{layout.transformer} is an xlnet, which reads which segment a token is in; use another model")
    if getattr(config, "quantization_config", None):
        raise BadModel(f"{layout.transformer} holds quantised weights (quantization_config); use those of float32")


def _remember_nothing(config: Any) -> None:
    """Keep decoders from storing keys and values for a next token, which never comes."""
    for each in (config, *(getattr(config, name, None) for name in config.sub_configs)):
        if hasattr(each, "use_cache"):
            each.use_cache = False


def _check_tokenizer(layout: Layout, tokenizer: Any) -> None:
    """Refuse a tokenizer that tells more of a text than its tokens, and give it a padding token if it has none."""
    segments = tokenizer("a", return_attention_mask=False).get("token_type_ids", [])
    if any(segments):
        raise BadModel(
            f"{layout.transformer} has a tokenizer that puts the tokens of one text in several segments "
            f"(token_type_ids {segments}), which are not read; use another model"
        )
    if tokenizer.pad_token is not None:
        return
    # Which token it is changes no vector: attention and pooling leave padding out.
    ends = (tokenizer.eos_token, tokenizer.sep_token, tokenizer.unk_token, tokenizer.bos_token)
    chosen = next((token for token in ends if token is not None), None)
    if chosen is None:
        raise BadModel(f"{layout.transformer} has a tokenizer without a padding token; add one to its settings")
    tokenizer.pad_token = chosen

"""Encoders that a configuration names and that cannot be loaded."""

from pathlib import Path
from typing import Any, Callable

from allennlp.common import cached_transformers
from allennlp.common.checks import ConfigurationError

from attention_vat.common.replacing import in_place_of


def name_missing_encoders() -> None:
    """
    transformers looks up the name of a missing folder at Hugging Face, which takes a minute without a network and ends
    with an error about the connection. With this fix, a missing folder and an encoder that cannot be loaded raise
    `ConfigurationError` with the `model_name`. Other encoders load as before.
    """
    for function in ("get_tokenizer", "get"):

        @in_place_of(function, cached_transformers)
        def load(original: Callable[..., Any], model_name: str, *args: Any, **kwargs: Any) -> Any:
            if _is_path(str(model_name)) and not Path(model_name).is_dir():
                raise ConfigurationError(
                    f"model_name: {model_name} is not a folder; make it with `allennlp make-encoder`, or correct the "
                    "name."
                )
            try:
                return original(model_name, *args, **kwargs)
            except OSError as error:
                first_line = str(error).strip().splitlines()[:1]
                raise ConfigurationError(
                    f"model_name: the encoder {model_name} cannot be loaded ({''.join(first_line)}); name a folder, "
                    "such as those of `allennlp make-encoder`, or an encoder of Hugging Face."
                ) from error


def _is_path(model_name: str) -> bool:
    """Whether a name is that of a folder rather than `ENCODER` or `ORGANISATION/ENCODER` at Hugging Face."""
    if model_name.startswith((".", "/", "encoders/")):  # `make-encoder` writes to `encoders`
        return True
    parent = Path(model_name).parent
    return model_name.count("/") > 1 or (parent.name != "" and parent.is_dir())

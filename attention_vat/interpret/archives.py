"""Loads the archives that `allennlp train` writes."""

from os import PathLike
from pathlib import Path
from typing import List, Optional, Sequence, Union

from allennlp.common.checks import ConfigurationError
from allennlp.common.params import parse_overrides
from allennlp.models.archival import Archive, load_archive

from attention_vat.common.safe_archives import UnfitArchive
from attention_vat.common.texts import one_line
from attention_vat.models import AttentionClassifier


def load_attention_archive(
    archive_file: Union[str, PathLike],
    cuda_device: int = -1,
    overrides: str = "",
    weights_file: Optional[Union[str, PathLike]] = None,
) -> Archive:
    """
    Loads an archive as AllenNLP's `load_archive` does, for models of this package.

    # Parameters

    archive_file : `Union[str, PathLike]`
        A `model.tar.gz`, or the directory that `allennlp train` wrote.
    cuda_device : `int`, optional (default = `-1`)
    overrides : `str`, optional (default = `""`)
        JSON that changes the configuration.
    weights_file : `Union[str, PathLike]`, optional (default = the archive's)
        For example a checkpoint's `model_state_e4_b0.th`.

    Raises `ConfigurationError` if a file is missing, damaged or of another kind, if the archive is refused (see
    `attention_vat.common.safe_archives`) or holds another kind of model, or if the overrides are not an object or do
    not fit.
    """
    check_exists(archive_file, "archive")
    if weights_file is not None:
        check_is_file(weights_file, "weights file")
        weights_file = str(weights_file)
    check_overrides(overrides)
    path = Path(str(archive_file))
    if path.is_dir() and not (path / "config.json").exists():
        raise ConfigurationError(f"The directory {path} has no config.json; give the output of `allennlp train`.")
    try:
        archive = load_archive(archive_file, cuda_device=cuda_device, overrides=overrides, weights_file=weights_file)
    except UnfitArchive as error:
        cause = error.__cause__
        raise ConfigurationError(
            f"The model of {archive_file} cannot be built with {weights_file or 'its weights'} and the overrides "
            f"{overrides or '{}'}; change what does not fit: {type(cause).__name__}: {one_line(cause)}"
        ) from error
    except (ConfigurationError, OSError) as error:
        message = one_line(error)
        raise ConfigurationError(
            message if str(archive_file) in message else f"The archive {archive_file} cannot be used: {message}"
        ) from error
    if not isinstance(archive.model, AttentionClassifier):
        raise ConfigurationError(
            f"The model in {archive_file} is a {type(archive.model).__name__}, which has no attention to evaluate; "
            "give an archive of a model of attention_vat, such as single_sequence_attention."
        )
    return archive


def archive_names(archive_files: Sequence[Union[str, PathLike]]) -> List[str]:
    """
    Names archives after their directories, with more of the path where directories have the same name.

    # Examples

        archive_names(["output/vanilla/model.tar.gz", "output/ivat"])  # ["vanilla", "ivat"]
    """
    # resolve() turns "." and relative paths into paths with names.
    paths = [Path(str(archive_file)).resolve() for archive_file in archive_files]
    parts = [path.parent.parts if path.name == "model.tar.gz" else path.parts for path in paths]
    for length in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-length:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    return [f"{part[-1]} ({number})" for number, part in enumerate(parts, start=1)]


def check_exists(path: Union[str, PathLike], what: str) -> None:
    """Raises `ConfigurationError` if a path does not exist; URLs are not checked."""
    if "://" not in str(path) and not Path(str(path)).exists():
        raise ConfigurationError(f"There is no {what} {path}.")


def check_is_file(path: Union[str, PathLike], what: str) -> None:
    """Raises `ConfigurationError` if a path does not exist or is a directory."""
    check_exists(path, what)
    if Path(str(path)).is_dir():
        raise ConfigurationError(f"The {what} {path} is a directory; give one of the files in it.")


def check_overrides(overrides: str) -> None:
    """Raises `ConfigurationError` if overrides are not a JSON or Jsonnet object."""
    wanted = f'The overrides {overrides} are not a JSON or Jsonnet object; write them as {{"model.dropout": 0.5}}'
    try:
        content = parse_overrides(overrides)
    except RuntimeError as error:  # raised by jsonnet
        raise ConfigurationError(f"{wanted} ({one_line(error)}).") from error
    if not isinstance(content, dict):
        raise ConfigurationError(f"{wanted}.")

"""Archives, as `allennlp train` leaves them."""

from os import PathLike
from pathlib import Path
from typing import List, Optional, Sequence, Union

from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import Archive, load_archive

from attention_vat.models import AttentionClassifier


def load_attention_archive(
    archive_file: Union[str, PathLike],
    cuda_device: int = -1,
    overrides: str = "",
    weights_file: Optional[Union[str, PathLike]] = None,
) -> Archive:
    """
    As AllenNLP's `load_archive`, for models of this package.

    # Parameters

    archive_file : `Union[str, PathLike]`
        A `model.tar.gz`, or the directory that `allennlp train` wrote.
    cuda_device : `int`, optional (default = `-1`)
    overrides : `str`, optional (default = `""`)
        JSON to change the configuration with.
    weights_file : `Union[str, PathLike]`, optional (default = the archive's)
        Such as a checkpoint's `model_state_e4_b0.th`.

    Raises `ConfigurationError` if one of the files is not there, or the archive holds another kind of model.
    """
    check_exists(archive_file, "archive")
    if weights_file is not None:
        check_exists(weights_file, "weights file")
        weights_file = str(weights_file)
    path = Path(str(archive_file))
    if path.is_dir() and not (path / "config.json").exists():
        raise ConfigurationError(f"The directory {path} has no config.json; give the output of `allennlp train`.")
    archive = load_archive(archive_file, cuda_device=cuda_device, overrides=overrides, weights_file=weights_file)
    if not isinstance(archive.model, AttentionClassifier):
        raise ConfigurationError(
            f"The model in {archive_file} is a {type(archive.model).__name__}, which has no attention to evaluate; "
            "give an archive of a model of attention_vat, such as single_sequence_attention."
        )
    return archive


def archive_names(archive_files: Sequence[Union[str, PathLike]]) -> List[str]:
    """
    What to call archives: by their directory, and by more of the path where that is the same.

    # Examples

        archive_names(["output/vanilla/model.tar.gz", "output/ivat"])  # ["vanilla", "ivat"]
    """
    # resolve() gives "." and relative paths their names.
    paths = [Path(str(archive_file)).resolve() for archive_file in archive_files]
    parts = [path.parent.parts if path.name == "model.tar.gz" else path.parts for path in paths]
    for length in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-length:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    return [f"{part[-1]} ({number})" for number, part in enumerate(parts, start=1)]


def check_exists(path: Union[str, PathLike], what: str) -> None:
    """Raises `ConfigurationError` if a path, not a URL, is not there."""
    if "://" not in str(path) and not Path(str(path)).exists():
        raise ConfigurationError(f"There is no {what} {path}.")

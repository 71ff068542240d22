"""Builds the configuration of a run from sampled values."""

import os
import re
from os import PathLike
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple, Union

from allennlp.common.checks import ConfigurationError
from allennlp.common.params import Params, parse_overrides, with_overrides

from attention_vat.common.configurations import evaluate_with_fields
from attention_vat.common.texts import shortened
from attention_vat.search.space import as_external_variables

_ARCHIVE = re.compile(r"^\(?(.+?)(?:!|\)#).*$")
# Keys whose values are files that must exist before a run starts.
_FILES = re.compile(r"(^|\.)(\w*data_path|pretrained_file)$")


def evaluate_configuration(
    path: Union[str, PathLike], sample: Dict[str, Any], overrides: str = "", gpus_per_trial: float = 0
) -> Dict[str, Any]:
    """
    Evaluates the configuration with the sampled values. AllenNLP passes the whole environment to a configuration; here
    it sees only the sampled values, so that `config.json` and the values fully describe a run. It reads a value with
    `std.extVar`, and a value that has the name of a hidden field in capital letters replaces that field.

    # Parameters

    path : `Union[str, PathLike]`
    sample : `Dict[str, Any]`
    overrides : `str`, optional (default = `""`)
        JSON, as for `allennlp train`.
    gpus_per_trial : `float`, optional (default = `0`)
        Above 0, the run trains on the first GPU that it sees, else on the CPU, whatever the configuration says.

    Raises `ConfigurationError` if the configuration asks for a value that is not in the space, or cannot be evaluated.
    """
    variables = as_external_variables(sample)
    try:
        fields = {name.lower(): value for name, value in sample.items()}
        config, known = evaluate_with_fields(path, fields, variables)
        if known:
            _check_that_all_are_read(path, fields, variables, [name for name in sample if name.lower() not in known])
    except RuntimeError as error:
        lines = str(error).splitlines()
        unknown = re.search(r"[Uu]ndefined external variable:? (\w+)", lines[0])
        if unknown:
            raise ConfigurationError(
                f"{path} reads {unknown.group(1)}, which the search space does not have; add it."
            ) from None
        raise ConfigurationError(f"{path}: {' '.join(line.strip() for line in lines)}") from None
    config = _overridden(config, overrides, variables)
    if not isinstance(config, dict) or not isinstance(config.get("trainer", {}), dict):
        raise ConfigurationError(f'{path} and its "trainer" must be objects; see training_configs.')
    if "distributed" not in config:
        config.setdefault("trainer", {})["cuda_device"] = 0 if gpus_per_trial else -1
    return config


def _check_that_all_are_read(
    path: Union[str, PathLike], fields: Dict[str, Any], variables: Dict[str, str], others: List[str]
) -> None:
    for name in others:
        without = {key: value for key, value in variables.items() if key != name}
        try:
            evaluate_with_fields(path, fields, without)
        except RuntimeError:
            continue
        raise ConfigurationError(
            f"The search space has {name}, which {path} neither reads nor has as a hidden field; remove it."
        )


def _overridden(config: Dict[str, Any], overrides: str, variables: Dict[str, str]) -> Dict[str, Any]:
    try:
        changes = parse_overrides(overrides, ext_vars=variables)
    except (RuntimeError, ValueError) as error:
        raise ConfigurationError(f"--overrides: {str(error).splitlines()[0]}; write a JSON object.") from None
    if not isinstance(changes, dict):
        raise ConfigurationError(f"--overrides must be a JSON object of keys and values, not {overrides}.")
    try:
        return with_overrides(config, changes) if changes else config
    except ValueError as error:
        raise ConfigurationError(
            f"--overrides {overrides} does not fit the configuration ({error}); use keys that it has."
        ) from None


def validation_metric(config: Dict[str, Any]) -> Tuple[str, str]:
    """
    Returns the metric that AllenNLP chooses the best epoch by, and whether more (`max`) or less (`min`) is better.

    # Examples

        validation_metric({"trainer": {"validation_metric": "+f1"}})  # ("validation_f1", "max")
    """
    metric = config.get("trainer", {}).get("validation_metric") or "-loss"
    name = metric if isinstance(metric, str) else metric[0]
    return f"validation_{name[1:]}", "max" if name[0] == "+" else "min"


def check_epochs(config: Dict[str, Any]) -> None:
    """Raises `ConfigurationError` if the number of epochs is not a positive integer."""
    epochs = config.get("trainer", {}).get("num_epochs", 1)
    if not isinstance(epochs, int) or epochs < 1:
        raise ConfigurationError(
            f"trainer.num_epochs must be a whole number of at least 1, not {epochs!r}; change it in the configuration, "
            "the search space or with --set NAME=VALUE."
        )


def check_files(config: Dict[str, Any], directory: Path) -> None:
    """
    A run trains in its own directory, so a path in its configuration is absolute, or relative to that directory.

    Raises `ConfigurationError` for a missing file. URLs are not checked, and for members of archives
    (`archive!member`, `(archive)#member`) only the archive is.
    """
    for key, value in _paths(config):
        # The directory may not exist yet, and the system does not resolve `..` through a missing one.
        paths = [os.path.realpath(os.path.join(directory, name)) for name in (value, *_ARCHIVE.findall(value))]
        if "://" not in value and not any(map(os.path.exists, paths)):
            raise ConfigurationError(
                f"{key}: there is no file {shortened(value)}. A run trains in its own directory ({directory}): make "
                "the path absolute, in the configuration or with --set NAME=VALUE."
            )


def _paths(config: Dict[str, Any], prefix: str = "") -> Iterator[Tuple[str, str]]:
    items = config.items() if isinstance(config, dict) else enumerate(config)
    for key, value in items:
        name = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(value, (dict, list)):
            yield from _paths(value, name)  # type: ignore[arg-type]
        elif isinstance(value, str) and _FILES.search(name):
            yield name, value


def first_difference(old: Dict[str, Any], new: Dict[str, Any]) -> str:
    """Describes the first key in which two configurations differ, with both values; empty if they are equal."""
    before, after = Params(old).as_flat_dict(), Params(new).as_flat_dict()
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            return f"{key} was {before.get(key)!r} and is {after.get(key)!r}"
    return ""

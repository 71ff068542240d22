"""Reading an experiment file."""

import copy
import inspect
import logging
from os import PathLike
from pathlib import Path
from typing import Any, Dict, Union

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.common.configurations import PACKAGE, choices, package_folder
from attention_vat.common.texts import shortened
from attention_vat.reproduction.experiment import Experiment, Part

# Together, a part and the experiment around it say these; a part's own entries win.
_JOINED = ("parameters", "overrides")
_LISTS = ("corpora", "techniques", "seeds", "unlabeled", "epsilons", "measures", "evaluation")
_OBJECTS = ("parameters", "overrides", "search", "names", "test_data")
_KINDS = {**dict.fromkeys(_LISTS, list), **dict.fromkeys(_OBJECTS, dict)}


def experiment_path(file: Union[str, PathLike]) -> Path:
    """
    # Examples

        experiment_path("package:smoke")  # experiments/smoke.jsonnet that comes with the package

    Raises `ConfigurationError` if there is no such file.
    """
    if not str(file).startswith(PACKAGE):
        path = Path(file)
        if not path.is_file():
            raise ConfigurationError(f"There is no experiment file {file}.")
        return path
    folder, name = package_folder("experiments"), str(file)[len(PACKAGE) :]
    shipped = sorted(path.stem for path in folder.glob("*.jsonnet"))
    if name not in shipped:
        raise ConfigurationError(f"{file}: no such experiment comes with the package; {choices(name, shipped)}.")
    return folder / f"{name}.jsonnet"


def read_experiment(file: Union[str, PathLike], overrides: str = "") -> Dict[str, Any]:
    """
    # Parameters

    file : `Union[str, PathLike]`
        Jsonnet, or `package:NAME` for one that comes with the package. Environment variables are external variables, as
        in every configuration of AllenNLP.
    overrides : `str`, optional (default = `""`)
        A json(net) structure to override it with.

    # Returns

    content : `Dict[str, Any]`
        With all that the parts share in each of them. Raises `ConfigurationError` that names the file if it cannot be
        read.
    """
    try:
        content = Params.from_file(str(experiment_path(file)), overrides).as_dict(quiet=True)
    except (RuntimeError, ValueError) as error:  # of jsonnet, and of AllenNLP's overrides
        raise ConfigurationError(f"{file}: {_first_line(error)}") from error
    except (AttributeError, TypeError) as error:  # a list, a number
        raise ConfigurationError(f"{file} and --overrides must be objects: {{ … }}.") from error
    if not isinstance(content, dict):
        raise ConfigurationError(f"{file} and --overrides must be objects: {{ … }}.")
    _check_types(file, content)
    shared = {key: content.pop(key) for key in list(content) if key in _PART_FIELDS}
    parts = content.pop("parts", [{}])
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise ConfigurationError(f"{file}: parts must be a list of objects.")
    for where in [shared, *parts]:
        _check_types(file, where)
    # Reading a part takes it apart, so nothing may belong to two of them.
    return {**content, "parts": [copy.deepcopy({**shared, **part, **_join(shared, part)}) for part in parts]}


def load_experiment(file: Union[str, PathLike], overrides: str = "") -> Experiment:
    """As `read_experiment`; also raises `ConfigurationError` if the file says something unknown."""
    content = read_experiment(file, overrides)
    # What stands in the file is not news.
    logging.getLogger("allennlp.common.params").disabled = True
    try:
        return Experiment.from_params(Params(content))
    except (ConfigurationError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{file}: {_first_line(error)}") from error


_PART_FIELDS = [name for name in inspect.signature(Part.__init__).parameters if name != "self"]


def _check_types(file: Union[str, PathLike], where: Dict[str, Any]) -> None:
    """AllenNLP would read a word as a list of letters."""
    for name, kind in _KINDS.items():
        if where.get(name) is not None and not isinstance(where[name], kind):
            raise ConfigurationError(f"{file}: {name} must be {'a list' if kind is list else 'an object'}.")


def _join(shared: Dict[str, Any], part: Dict[str, Any]) -> Dict[str, Any]:
    return {key: {**shared.get(key, {}), **part.get(key, {})} for key in _JOINED if key in shared or key in part}


def _first_line(error: Exception) -> str:
    return shortened(str(error).strip('"').splitlines()[0])

"""Reading an experiment file."""

import copy
import inspect
import logging
from os import PathLike
from pathlib import Path
from typing import Any, Dict, Union

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.reproduction.experiment import Experiment, Part

# Together, a part and the experiment around it say these; a part's own entries win.
_JOINED = ("parameters", "overrides")


def read_experiment(file: Union[str, PathLike], overrides: str = "") -> Dict[str, Any]:
    """
    # Parameters

    file : `Union[str, PathLike]`
        Jsonnet. Environment variables are external variables, as in every configuration of AllenNLP.
    overrides : `str`, optional (default = `""`)
        A json(net) structure to override it with.

    # Returns

    content : `Dict[str, Any]`
        With all that the parts share in each of them. Raises `ConfigurationError` that names the file if it cannot be
        read.
    """
    if not Path(file).is_file():
        raise ConfigurationError(f"There is no experiment file {file}.")
    try:
        content = Params.from_file(str(file), overrides).as_dict(quiet=True)
    except (RuntimeError, ValueError) as error:  # of jsonnet, and of AllenNLP's overrides
        raise ConfigurationError(f"{file}: {_first_line(error)}") from error
    shared = {key: content.pop(key) for key in list(content) if key in _PART_FIELDS}
    # Reading a part takes it apart, so nothing may belong to two of them.
    parts = [copy.deepcopy({**shared, **part, **_join(shared, part)}) for part in content.pop("parts", [{}])]
    return {**content, "parts": parts}


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


def _join(shared: Dict[str, Any], part: Dict[str, Any]) -> Dict[str, Any]:
    return {key: {**shared.get(key, {}), **part.get(key, {})} for key in _JOINED if key in shared or key in part}


def _first_line(error: Exception) -> str:
    return str(error).strip('"').splitlines()[0]

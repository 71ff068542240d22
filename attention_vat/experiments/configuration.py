"""Resolves a name such as `sst/attention_ivat` to the configuration of one run."""

import json
from contextlib import suppress
from functools import lru_cache
from os.path import isfile
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple

from allennlp.common.checks import ConfigurationError
from allennlp.common.params import with_overrides

from attention_vat.common.configurations import (
    choices,
    composed,
    evaluate_all_with_fields,
    evaluate_with_fields,
    package_folder,
    techniques_of,
)
from attention_vat.common.texts import shortened

CONFIGS = Path("training_configs")
DATA = "data/"
# The key of a vocabulary whose value maps namespaces to files.
FILES = "pretrained_files"


SEEDS = ("random_seed", "numpy_seed", "pytorch_seed")


def resolve_config(
    corpus: str,
    technique: str,
    parameters: Dict[str, Any],
    overrides: Dict[str, Any],
    seed: int = 0,
    epsilon: Optional[float] = None,
    data_dir: str = "data",
) -> Dict[str, Any]:
    """
    # Parameters

    corpus, technique : `str`
        Name `training_configs/{corpus}/{technique}.jsonnet`, in the working directory or else in the package. The
        file need not exist.
    parameters : `Dict[str, Any]`
        Hidden fields to set.
    overrides : `Dict[str, Any]`
        As for `allennlp train --overrides`; applied last.
    seed : `int`, optional (default = `0`)
    epsilon : `float`, optional (default = that of the configuration)
        Where no regularizer has an ε, this is λ.
    data_dir : `str`, optional (default = `"data"`)
        The folder that replaces `data/`.

    # Returns

    config : `Dict[str, Any]`
        With absolute paths, so that it can be trained in another directory, and without `trainer.cuda_device`: the GPU
        is chosen when the run starts and does not affect the result.

    Raises `ConfigurationError` if the configuration does not exist or does not have a parameter.
    """
    file = config_file(corpus, technique)
    for where, name, given in (
        ("parameters", "cuda_device", parameters),
        ("overrides", "trainer.cuda_device", overrides),
    ):
        if name in given:
            raise ConfigurationError(f"{where} has {name}, but --num-gpus places the runs; remove it.")
    config, known = _evaluated(file, parameters)
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise ConfigurationError(
            f"parameters: {unknown[0]} is not a hidden field of {file}; see {CONFIGS}/experiment.libsonnet."
        )
    config.update(dict.fromkeys(SEEDS, seed))
    if epsilon is not None:
        _set_strength(config["model"]["regularizers"], epsilon)
    try:
        config = with_overrides(config, overrides)
    except ValueError as error:
        raise ConfigurationError(f"{file}: {error}") from error
    config["trainer"].pop("cuda_device", None)
    return _with_paths(config, data_dir)


def _set_strength(regularizers: List[Dict[str, Any]], strength: float) -> None:
    """Sets ε of every regularizer that has one, or λ if none has."""
    with_epsilon = [regularizer for regularizer in regularizers if "epsilon" in regularizer]
    for regularizer in with_epsilon or regularizers:
        regularizer["epsilon" if with_epsilon else "weight"] = strength


def config_file(corpus: str, technique: str) -> Path:
    """Returns the file of a technique. Raises `ConfigurationError` if the corpus does not have the technique."""
    folder = CONFIGS if CONFIGS.is_dir() else package_folder()
    file = folder / corpus / f"{technique}.jsonnet"
    composed(file)
    if isfile(file):
        return file
    techniques = _techniques(folder.resolve(), corpus)
    parts = technique.split("+")
    if technique not in techniques and not (len(parts) > 1 and all(part in techniques for part in parts)):
        raise ConfigurationError(
            f"There is no technique '{shortened(technique)}' for {corpus}; {choices(technique, techniques)}."
        )
    return file


@lru_cache(maxsize=None)
def _techniques(folder: Path, corpus: str) -> List[str]:
    return techniques_of(folder, corpus)


# A file takes a tenth of a second to evaluate, and seeds and epsilons make many configurations of it.
_evaluated_before: Dict[Tuple[Path, str], str] = {}  # as JSON, so that each read makes a copy


def evaluate_ahead(requests: Iterable[Tuple[str, str, Dict[str, Any]]]) -> None:
    """
    Evaluates together what `resolve_config` will need, in a tenth of the time. Errors are left to `resolve_config`,
    which names the file.

    # Parameters

    requests : `Iterable[Tuple[str, str, Dict[str, Any]]]`
        Corpus, technique and parameters of each configuration.
    """
    keys = {(config_file(corpus, technique), json.dumps(parameters)) for corpus, technique, parameters in requests}
    missing = sorted(keys - _evaluated_before.keys())
    if missing:
        with suppress(RuntimeError, ConfigurationError):
            found = evaluate_all_with_fields([(file, json.loads(parameters)) for file, parameters in missing])
            _evaluated_before.update(zip(missing, map(json.dumps, found)))


def _evaluated(file: Path, parameters: Dict[str, Any]) -> Tuple[Any, List[str]]:
    key = file, json.dumps(parameters)
    if key not in _evaluated_before:
        try:
            _evaluated_before[key] = json.dumps(evaluate_with_fields(file, parameters))
        except RuntimeError as error:
            raise ConfigurationError(f"{file}: {str(error).splitlines()[0]}") from error
    return json.loads(_evaluated_before[key])


def paths_in(config: Any) -> Iterator[Tuple[str, str]]:
    """Yields the key and value of each entry of a configuration whose key names a file or a path."""
    if isinstance(config, dict):
        for key, value in config.items():
            if isinstance(value, str) and key.endswith(("_path", "_file")):
                yield key, value
            if isinstance(value, dict) and key == FILES:
                yield from ((f"{key}.{namespace}", path) for namespace, path in value.items())
            else:
                yield from paths_in(value)
    elif isinstance(config, list):
        for item in config:
            yield from paths_in(item)


def absolute_path(path: str, data_dir: str) -> str:
    """Resolves a path that starts with `data/` in `data_dir`, others in the working directory; keeps URLs."""
    if "://" in path:
        return path
    return str(Path(data_dir, path[len(DATA) :]).resolve() if path.startswith(DATA) else Path(path).resolve())


def _with_paths(value: Any, data_dir: str) -> Any:
    if isinstance(value, dict):
        paths = dict(paths_in({key: item for key, item in value.items() if isinstance(item, str)}))
        files = {namespace: absolute_path(path, data_dir) for namespace, path in value.get(FILES, {}).items()}
        return {
            **{
                key: absolute_path(item, data_dir) if key in paths else _with_paths(item, data_dir)
                for key, item in value.items()
            },
            **({FILES: files} if files else {}),
        }
    if isinstance(value, list):
        return [_with_paths(item, data_dir) for item in value]
    return value

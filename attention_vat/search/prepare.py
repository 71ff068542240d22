"""Prepares the directories of runs from a configuration and a search space."""

import os
from os import PathLike
from pathlib import Path
from typing import List, Union

from allennlp.common.checks import ConfigurationError

from attention_vat.common.configurations import composed
from attention_vat.common.directories import make_writable
from attention_vat.experiments.files import read_json, write_json
from attention_vat.search.configuration import check_epochs, check_files, evaluate_configuration, first_difference
from attention_vat.search.runs import CONFIG, HYPERPARAMETERS, SEARCH, Run, run_directory
from attention_vat.search.space import SearchSpace
from attention_vat.version import VERSION


def prepare_search(
    config_file: Union[str, PathLike],
    space: SearchSpace,
    experiment: Path,
    num_samples: int = 1,
    seed: int = 13370,
    overrides: str = "",
    gpus_per_trial: float = 0,
    resume: bool = False,
) -> List[Run]:
    """
    Draws the values of all runs, evaluates their configurations, and writes both to disk. If a search is resumed, the
    existing ones must be the same.

    # Parameters

    config_file : `Union[str, PathLike]`
    space : `SearchSpace`
    experiment : `Path`
        The directory of the search.
    num_samples, seed : `int`
    overrides : `str`, optional
    gpus_per_trial : `float`, optional
    resume : `bool`, optional (default = `False`)

    Raises `ConfigurationError` before anything is written.
    """
    if not os.path.isfile(config_file) and composed(config_file) is None:
        raise ConfigurationError(f"There is no configuration {config_file}.")
    # `glob` raises if it may not read the directory.
    old = sorted(experiment.glob("run_*")) if os.path.isdir(experiment) else []
    if old and not resume:
        raise ConfigurationError(
            f"{experiment} has runs already; add --resume to continue them, or choose another --experiment-name."
        )
    runs, contents = [], []
    for number, sample in enumerate(space.samples(num_samples, seed)):
        run = Run(run_directory(experiment, number))
        config = evaluate_configuration(config_file, sample, overrides, gpus_per_trial)
        for name, new in ((HYPERPARAMETERS, sample), (CONFIG, config)):
            difference = first_difference(read_json(run.directory / name) or new, new)
            if difference:
                raise ConfigurationError(
                    f"{run.directory} belongs to another search: {difference}. Use the configuration, the search "
                    "space, --seed and --overrides that it was started with, or choose another --experiment-name."
                )
        check_epochs(config)
        check_files(config, run.directory)
        runs.append(run)
        contents.append((sample, config))
    if len(old) > len(runs):
        raise ConfigurationError(
            f"{experiment} has {len(old)} runs, but this search has only {len(runs)}; raise --num-samples."
        )

    make_writable(experiment, "--log-dir or --experiment-name")
    for run, (sample, config) in zip(runs, contents):
        run.directory.mkdir(exist_ok=True)
        write_json(run.directory / HYPERPARAMETERS, sample)
        write_json(run.directory / CONFIG, config)
    record = {
        "config_file": str(config_file),
        "search_space": space.space,
        "num_samples": num_samples,
        "seed": seed,
        "overrides": overrides,
        "attention_vat": VERSION,
    }
    write_json(experiment / SEARCH, record)
    return runs

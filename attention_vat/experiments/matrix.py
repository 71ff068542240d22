"""The rows of an experiment and the runs that they need."""

import math
from dataclasses import dataclass, field
from functools import cached_property
from os.path import isfile
from pathlib import Path
from typing import Any, Dict, List, Optional

from allennlp.common.checks import ConfigurationError
from scipy.stats import qmc

from attention_vat.common.texts import shortened
from attention_vat.experiments.configuration import (
    absolute_path,
    config_file,
    evaluate_ahead,
    paths_in,
    resolve_config,
)
from attention_vat.experiments.experiment import SEMI_SUPERVISED, Experiment, Part, Search, Unlabeled
from attention_vat.experiments.fingerprint import code_version, config_hash
from attention_vat.experiments.pools import Pool


@dataclass
class Run:
    """
    One training, and for a final run its evaluation on test data.

    # Parameters

    corpus, technique : `str`
    seed : `int`
    epsilon : `float`, optional
        `None` if it is the configuration's, or if there is none.
    unlabeled : `Dict[str, Any]`, optional
        `count` and `strategy`.
    config : `Dict[str, Any]`
        The configuration to train.
    test_data : `str`, optional
        `None` for the candidates of a search, which never see test data.
    """

    corpus: str
    technique: str
    seed: int
    epsilon: Optional[float]
    unlabeled: Optional[Dict[str, Any]]
    config: Dict[str, Any]
    test_data: Optional[str]
    config_hash: str = field(init=False)
    test_hash: Optional[str] = field(init=False)
    name: str = field(init=False)

    def __post_init__(self) -> None:
        # The names of labels do not affect training.
        model = {key: value for key, value in self.config["model"].items() if key != "label_names"}
        self.config_hash = config_hash({**self.config, "model": model})
        self.test_hash = None if self.test_data is None else config_hash(self.test_data)
        # `evaluation_version` is not part of the name, as a changed evaluation reuses the same training. A final run
        # and the candidate with the same configuration share one training.
        code = code_version().rpartition("-")[2]
        self.name = f"{self.corpus}-{self.technique}-{self.seed}-{self.config_hash}-{code}"

    def __str__(self) -> str:
        parts = [f"{self.corpus}/{self.technique}"]
        if self.unlabeled:
            parts.append(f"{self.unlabeled['count']} {self.unlabeled['strategy']}")
        if self.epsilon is not None:
            parts.append(f"ε={self.epsilon:g}")
        return " ".join([*parts, f"seed {self.seed}"])


@dataclass
class Cell:
    """
    A model of a table for one corpus. Everything but the seed is fixed, though ε may be chosen by a search.

    # Parameters

    corpus, technique : `str`
    unlabeled : `Unlabeled`, optional
    epsilon : `float`, optional
    search : `Search`, optional
    part : `Part`
        The part of the experiment that it comes from.
    data_dir, output_dir : `str`
    """

    corpus: str
    technique: str
    unlabeled: Optional[Unlabeled]
    epsilon: Optional[float]
    search: Optional[Search]
    part: Part
    data_dir: str
    output_dir: str
    _final_runs: Dict[Optional[float], List[Run]] = field(default_factory=dict, init=False)

    @property
    def column(self) -> str:
        """The name of the corpus in tables."""
        return self.part.names.get(self.corpus, self.corpus)

    @property
    def strength(self) -> str:
        """The symbol of `epsilon` for this technique: `"ε"`, or `"λ"` if no regularizer has an ε."""
        regularizers = self.whole["model"].get("regularizers", [])
        return "ε" if not regularizers or any("epsilon" in regularizer for regularizer in regularizers) else "λ"

    @property
    def row(self) -> str:
        """A name that distinguishes it from the other cells of its corpus."""
        parts = [self.technique, *([self.part.variant] if self.part.variant else [])]
        if self.unlabeled is not None:
            parts += [self.unlabeled.strategy, str(self.unlabeled.count)]
        if self.epsilon is not None:
            parts.append(f"epsilon {self.epsilon:g}")
        return " ".join(parts)

    @cached_property
    def candidates(self) -> List[Run]:
        """The runs of the search; empty without a search."""
        if self.search is None:
            return []
        search = self.search
        parameters = {**self.part.parameters, **search.parameters}
        overrides = {**self.part.overrides, **search.overrides}
        epsilons = candidate_epsilons(search)
        return [
            self._run(seed, epsilon, parameters, overrides, None)
            for seed in search.training_seeds
            for epsilon in epsilons
        ]

    def final_runs(self, epsilon: Optional[float] = None) -> List[Run]:
        """
        Returns one run per seed.

        # Parameters

        epsilon : `float`, optional
            The result of the search: ε, or λ if a technique has no ε.
        """
        epsilon = self.epsilon if epsilon is None else epsilon
        if epsilon not in self._final_runs:
            part, test = self.part, self.test_data()
            runs = [self._run(seed, epsilon, part.parameters, part.overrides, test) for seed in part.seeds]
            self._final_runs[epsilon] = runs
        return self._final_runs[epsilon]

    def config(self, seed: int, epsilon: Optional[float], parameters: Dict, overrides: Dict) -> Dict[str, Any]:
        """The configuration of a run."""
        return resolve_config(self.corpus, self.technique, parameters, overrides, seed, epsilon, self.data_dir)

    def test_data(self) -> str:
        """The path of the test data."""
        if self.corpus in self.part.test_data:
            return absolute_path(self.part.test_data[self.corpus], self.data_dir)
        return str(Path(self.whole["train_data_path"]).parent / "test.jsonl")

    def pool(self) -> Optional[Pool]:
        """The selection of unlabelled sentences, which may not exist yet; `None` if the whole pool is used."""
        if self.unlabeled is None:
            return None
        return Pool(self.output_dir, self.corpus, self.unlabeled, dict(paths_in(self.whole)))

    @cached_property
    def whole(self) -> Dict[str, Any]:
        """The configuration of the corpus with its whole pool."""
        return self.config(0, None, self.part.parameters, self.part.overrides)

    def _run(
        self, seed: int, epsilon: Optional[float], parameters: Dict, overrides: Dict, test_data: Optional[str]
    ) -> Run:
        pool = self.pool()
        unlabeled = None
        if pool is not None and self.unlabeled is not None:
            parameters = {**parameters, **_of_pool(pool)}
            unlabeled = {"count": self.unlabeled.count, "strategy": self.unlabeled.strategy}
        config = self.config(seed, epsilon, parameters, overrides)
        return Run(self.corpus, self.technique, seed, epsilon, unlabeled, config, test_data)


def cells_of(experiment: Experiment, data_dir: str, output_dir: str) -> List[Cell]:
    """
    Returns all cells, in the order of the file.

    Raises `ConfigurationError` if a configuration or a data file is missing, or if two cells are the same.
    """
    cells = []
    for part in experiment.parts:
        for corpus in part.corpora:
            for technique in part.techniques:
                config_file(corpus, technique)
                semi_supervised, vanilla = technique.endswith(SEMI_SUPERVISED), technique == "vanilla"
                amounts: List[Optional[Unlabeled]] = [*(part.unlabeled or [])] if semi_supervised else []
                epsilons: List[Optional[float]] = [] if vanilla else [*(part.epsilons or [])]
                search = None if vanilla else part.search
                for unlabeled in amounts or [None]:
                    for epsilon in epsilons or [None]:
                        cells.append(Cell(corpus, technique, unlabeled, epsilon, search, part, data_dir, output_dir))
    evaluate_ahead(
        (cell.corpus, cell.technique, {**cell.part.parameters, **more})
        for cell in cells
        for more in ({}, cell.search.parameters if cell.search else {})
    )
    evaluate_ahead(
        (cell.corpus, cell.technique, {**cell.part.parameters, **_of_pool(pool)})
        for cell, pool in ((cell, cell.pool()) for cell in cells)
        if pool is not None
    )
    seen = set()
    for cell in cells:
        if (cell.column, cell.row) in seen:
            raise ConfigurationError(f"Two parts of the experiment have {cell.column}/{cell.row}; remove it from one.")
        seen.add((cell.column, cell.row))
        for config in [cell.whole, *(run.config for run in cell.candidates[:1])]:
            _check_data(cell, config)
    return cells


def _of_pool(pool: Pool) -> Dict[str, Any]:
    return {"unlabeled_pool": str(pool.file)}


def candidate_epsilons(search: Search) -> List[float]:
    """Returns the candidates, rounded to three digits for readable configurations."""
    low, high = math.log(search.low), math.log(search.high)
    places = qmc.Halton(d=1, scramble=True, seed=search.seed).random(search.num_samples).ravel()
    return [float(f"{math.exp(low + (high - low) * place):.3g}") for place in places]


def _check_data(cell: Cell, config: Dict[str, Any]) -> None:
    pool = cell.pool()
    made_later = str(pool.file) if pool is not None else None
    for path in [*dict(paths_in(config)).values(), cell.test_data()]:
        if "://" not in path and path != made_later and not isfile(path):
            raise ConfigurationError(
                f"{cell.corpus}/{cell.technique} needs {shortened(path)}, which does not exist; make it with "
                "`allennlp make-dataset` (docs/data.md), or set --data-dir to the folder of the corpora."
            )

"""The finished runs of an output directory, and what follows from them: the best ε and the final runs."""

import math
from pathlib import Path
from statistics import mean
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.files import read_json
from attention_vat.experiments.fingerprint import evaluation_version
from attention_vat.experiments.job import ARCHIVE
from attention_vat.experiments.matrix import Cell, Run
from attention_vat.experiments.results import RESULT, type_of
from attention_vat.interpret.measures import DEFAULT_MEASURES


class Runs:
    """
    The runs of an output directory.

    # Parameters

    directory : `Path`
        The directory that has a folder for each run.
    any_code : `bool`, optional (default = `False`)
        Accept finished runs and evaluations of other versions of the code.
    evaluation : `Sequence[Union[str, Dict[str, Any]]]`, optional
        The measures that finished runs must have; see `Experiment`.
    with_models : `bool`, optional (default = `False`)
        Final runs without a model do not count as finished.
    """

    def __init__(
        self,
        directory: Path,
        any_code: bool = False,
        evaluation: Sequence[Union[str, Dict[str, Any]]] = DEFAULT_MEASURES,
        with_models: bool = False,
    ) -> None:
        self.directory = directory
        self.any_code = any_code
        self.evaluation = evaluation
        self.with_models = with_models
        # The keys are names without the code's hash.
        finished = sorted(directory.glob(f"*/{RESULT}")) if any_code else []
        self._of_other_code = {path.parent.name.rpartition("-")[0]: path.parent for path in finished}
        self._results: Dict[str, Dict[str, Any]] = {}

    def folder(self, run: Run) -> Path:
        """Returns the folder of a run, which may not exist yet."""
        own = self.directory / run.name
        return own if own.exists() else self._of_other_code.get(run.name.rpartition("-")[0], own)

    def result(self, run: Run) -> Optional[Dict[str, Any]]:
        """Returns `None` if the run is not finished, or if its test data or its evaluation has changed."""
        result = self._results.get(run.name)
        if result is None or not self._is_for(run, result):
            result = read_json(self.folder(run) / RESULT)
            if result is not None:
                self._results[run.name] = result
        return result if result is not None and self._is_for(run, result) else None

    def best_epsilon(self, cell: Cell) -> Optional[float]:
        """
        Returns the result of the cell's search, if it is finished. Ties go to the smallest ε. An ε whose validation
        metric is not finite with some seed is not considered.
        """
        results = [self.result(run) for run in cell.candidates]
        finished = [(run, result) for run, result in zip(cell.candidates, results) if result is not None]
        if len(finished) < len(results):
            return None
        scores = {epsilon: score for epsilon, score in _mean_scores(finished).items() if math.isfinite(score)}
        return min(((-score, epsilon) for epsilon, score in scores.items()), default=(0.0, None))[1]

    def failed_search(self, cell: Cell) -> Optional[str]:
        """Returns why a finished search has no result, or `None` if it has one."""
        if not cell.candidates or None in map(self.result, cell.candidates) or self.best_epsilon(cell) is not None:
            return None
        _, metric = _validation_metric(cell.candidates[0].config)
        return f"the validation metric {metric} is not finite for any ε of the search"

    def needed(self, cell: Cell) -> List[Run]:
        """Returns the runs of a cell that are known so far: the candidates of its search, then the final ones."""
        return cell.candidates + self.final_runs(cell)

    def final_runs(self, cell: Cell) -> List[Run]:
        """Returns the final runs of a cell; empty until its search is finished."""
        epsilon = self.best_epsilon(cell)
        return cell.final_runs(epsilon) if epsilon is not None or cell.search is None else []

    def is_outdated(self, run: Run) -> bool:
        """Whether a final run was finished, but with other test data, or another evaluation or code of it."""
        return self.result(run) is None and "test" in (read_json(self.folder(run) / RESULT) or {})

    def _is_for(self, run: Run, result: Dict[str, Any]) -> bool:
        if run.test_data is None:
            return True
        # Old results do not name their measures, which were the default ones.
        computed = result.get("evaluation", [*DEFAULT_MEASURES])
        wanted = {type_of(measure) for measure in self.evaluation}
        return (
            "test" in result
            and result["test_data"] == run.test_hash
            and (self.any_code or result.get("evaluation_code") == evaluation_version())
            and all(measure in computed for measure in self.evaluation)
            and all(measure in self.evaluation for measure in computed if type_of(measure) in wanted)
            and (not self.with_models or (self.folder(run) / ARCHIVE).exists())
        )

    def drop_losers(self, cell: Cell) -> None:
        """Deletes the models of a finished search, except those that a final run reuses or an experiment keeps."""
        epsilon = self.best_epsilon(cell)
        if epsilon is None:
            return
        finals = {run.name for run in cell.final_runs(epsilon)}
        for run in cell.candidates:
            archive = self.folder(run) / ARCHIVE
            kept = (self.result(run) or {}).get("kept", False)
            if run.name not in finals and not kept and archive.exists():
                archive.unlink()


def _mean_scores(candidates: Sequence[Tuple[Run, Dict[str, Any]]]) -> Dict[float, float]:
    """Returns the mean score of each ε over its training seeds; higher is better."""
    scores: Dict[float, List[float]] = {}
    for run, result in candidates:
        sign, metric = _validation_metric(run.config)
        value = result["validation"].get(metric)
        scores.setdefault(float(run.epsilon or 0.0), []).append(math.nan if value is None else sign * value)
    return {epsilon: mean(values) for epsilon, values in scores.items()}


def _validation_metric(config: Dict[str, Any]) -> Tuple[int, str]:
    metric = config["trainer"].get("validation_metric", "-loss")
    if not isinstance(metric, str) or metric[:1] not in "+-":
        raise ConfigurationError(f"trainer.validation_metric is {metric!r}; a search needs one metric with + or -.")
    return (1 if metric[0] == "+" else -1), metric[1:]

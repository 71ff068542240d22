"""Files of searches and experiments that somebody edited badly."""

import contextlib
import json
import math
import os
import random
from pathlib import Path
from typing import Any, Iterator

from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.experiment import load_experiment
from attention_vat.experiments.matrix import cells_of
from attention_vat.search.prepare import prepare_search
from attention_vat.search.space import SearchSpace
from tests.chaos.mutations import mutate_bytes, mutate_line
from tests.chaos.trials import kind

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "fixtures" / "example"
CONFIG = """
local number(name) = std.parseJson(std.extVar(name));
{
  train_data_path: std.extVar('DATA_DIR') + '/train.jsonl',
  model: { type: std.extVar('TECHNIQUE'), epsilon: number('EPSILON'), size: number('HIDDEN_SIZE') },
  trainer: { num_epochs: number('NUM_EPOCHS') },
}
"""
SPACE = {
    "EPSILON": {"sampling strategy": "loguniform", "bounds": [0.01, 30]},
    "DROPOUT": {"sampling strategy": "uniform", "bounds": [0, 0.5]},
    "HIDDEN_SIZE": {"sampling strategy": "integer", "bounds": [64, 129]},
    "TECHNIQUE": {"sampling strategy": "choice", "choices": ["attention_vat", "attention_ivat"]},
    "SEED": {"sampling strategy": "grid", "choices": [1, 2]},
    "NAMES": ["a", "b"],
    "DATA_DIR": str(EXAMPLE),
    "NUM_EPOCHS": 2,
}
EXPERIMENT = {
    "title": "T",
    "corpora": ["example"],
    "seeds": [0, 1],
    "measures": ["prediction", "pearson", "scores_accuracy@3"],
    "evaluation": ["correlation", {"type": "robustness", "epsilons": [3.0]}],
    "parameters": {"num_epochs": 2, "vectors": {"file": None, "dim": 6}},
    "overrides": {"trainer.patience": 1},
    "figure": None,
    "keep_models": False,
    "parts": [
        {"techniques": ["vanilla"], "names": {"example": "mine"}},
        {"techniques": ["attention_at"], "search": {"num_samples": 2, "low": 0.1, "high": 3, "training_seeds": [0]}},
        {"techniques": ["word_vat_semi_supervised"], "unlabeled": [{"count": 5}], "epsilons": [0.5, 1]},
    ],
}


@kind("search-spaces", "mutated search spaces", rounds=20_000, quick_rounds=100, seconds=10)
def mutated_search_space(rng: random.Random, directory: Path) -> None:
    _write_mutated(rng, directory / "space.json", SPACE)
    (directory / "config.jsonnet").write_text(CONFIG, encoding="utf-8")
    with _a_result_or_a_sentence():
        space = SearchSpace.from_file(directory / "space.json", rng.choice(([], ["NUM_EPOCHS=1"], ["NAMES=\udcff"])))
        runs = prepare_search(directory / "config.jsonnet", space, directory / "logs" / "name", num_samples=1, seed=0)
        for run in runs:
            # What is read back is what was drawn, and a number is a number.
            json.dumps([run.hyperparameters, run.config], allow_nan=False)
            assert run.config["trainer"]["num_epochs"] >= 1
            assert math.isfinite(float(run.config["model"]["epsilon"] or 0.0))
            assert os.path.isfile(os.path.join(run.directory, run.config["train_data_path"]))


@kind("experiments", "mutated experiment files", rounds=500, quick_rounds=10, seconds=20)
def mutated_experiment(rng: random.Random, directory: Path) -> None:
    _write_mutated(rng, directory / "experiment.jsonnet", EXPERIMENT)
    before = os.getcwd()
    os.chdir(ROOT)
    try:
        with _a_result_or_a_sentence():
            cells = cells_of(load_experiment(directory / "experiment.jsonnet"), "data", str(directory / "out"))
            assert cells
            for cell in cells:
                assert cell.final_runs(0.5 if cell.search else None)
    finally:
        os.chdir(before)


def _write_mutated(rng: random.Random, path: Path, content: Any) -> None:
    text = json.dumps(content, indent=rng.choice((None, 2)))
    data = mutate_line(rng, text).encode("utf-8", "surrogatepass")
    path.write_bytes(mutate_bytes(rng, data) if rng.random() < 0.2 else data)


@contextlib.contextmanager
def _a_result_or_a_sentence() -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        message = str(error)
        assert message.strip() and "\n" not in message, f"not one sentence: {message!r}"
        assert len(message) < 2000, f"{len(message)} characters: {message[:200]!r}"
        message.encode("utf-8")

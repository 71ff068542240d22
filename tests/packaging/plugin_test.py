"""AllenNLP finds the package in each of the ways that it has, and importing it is cheap."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str, cwd: Path = ROOT, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command],
        cwd=str(cwd),
        env={**os.environ, "PYTHONWARNINGS": "ignore", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )


@pytest.fixture(scope="module")
def imported() -> Dict[str, Any]:
    """What one import of the package does, in the order of AllenNLP: its own parts first."""
    result = run(
        "-c",
        """
import json, sys, torch
import allennlp.commands
before = set(sys.modules)
import attention_vat
after = set(sys.modules)
from allennlp.common.util import import_module_and_submodules
import_module_and_submodules("attention_vat")
everything = set(sys.modules)
from allennlp.commands import Subcommand
from allennlp.data import DatasetReader
from allennlp.models import Model
from allennlp.training.learning_rate_schedulers import ReduceOnPlateauLearningRateScheduler
optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
print(json.dumps({
    "added": sorted(after - before),
    "added_by_all": sorted(everything - before),
    "commands": Subcommand.list_available(),
    "readers": DatasetReader.list_available(),
    "models": Model.list_available(),
    "factor": ReduceOnPlateauLearningRateScheduler(optimizer, factor=0.25).lr_scheduler.factor,
}))""",
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def test_include_package_works_anywhere(tmp_path: Path) -> None:
    reader = {"type": "single_sequence"}
    config = {"dataset_reader": reader, "train_data_path": "corpus.jsonl", "data_loader": {"batch_size": 1}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "corpus.jsonl").write_text('{"text": "it works"}\n')

    command = ["-m", "allennlp", "count-instances", "config.json", "--include-package", "attention_vat"]
    result = run(*command, cwd=tmp_path, PYTHONPATH=str(ROOT))

    assert result.returncode == 0, result.stderr
    assert "contains 1 instances" in result.stdout


def test_import_registers_models_readers_and_commands(imported: Dict[str, Any]) -> None:
    assert "make-dataset" in imported["commands"]
    assert "single_sequence" in imported["readers"]
    assert "single_sequence_attention" in imported["models"]


def heavy(modules: List[str], names: List[str]) -> List[str]:
    return [module for module in modules if f"{module}.".startswith(tuple(f"{name}." for name in names))]


def test_import_adds_nothing_heavy_to_allennlp(imported: Dict[str, Any]) -> None:
    names = ["matplotlib", "pandas", "ray", "rich", "scipy.stats", "sklearn", "spacy.lang.en", "allennlp_models"]

    assert "attention_vat.models" in imported["added"]
    assert heavy(imported["added"], names) == []


def test_include_package_costs_no_more_than_the_plugin_file(imported: Dict[str, Any]) -> None:
    """It imports every module of the package, at every start of every command."""
    added, names = (
        imported["added_by_all"],
        ["matplotlib", "pandas", "pyarrow", "ray", "optuna", "sklearn", "allennlp_models"],
    )

    assert {
        "attention_vat.experiments.training",
        "attention_vat.search.launch",
        "attention_vat.experiments.worker",
    } <= {*added}
    assert heavy(added, [*names, "torch._dynamo", "torch._inductor", "sympy", "mpmath", "tensorboard"]) == []
    assert heavy(added, ["torch"]) == heavy(imported["added"], ["torch"]), "nothing is built on import"


def test_import_applies_the_fixes(imported: Dict[str, Any]) -> None:
    assert imported["factor"] == 0.25  # reduce_on_plateau cannot be constructed without its fix


def test_a_missing_allennlp_is_one_clear_sentence() -> None:
    result = run("-c", "import sys; sys.modules['allennlp'] = None; import attention_vat")

    message = result.stderr.splitlines()[-1]
    assert result.returncode == 1
    assert message.startswith(
        "ImportError: attention_vat needs AllenNLP 2.10.1, which is not installed: run `pip install"
    )
    assert ("requirements/modern.txt" in message) == (sys.version_info >= (3, 11))

"""What happens to an example of the documentation in Python, jsonnet or JSON."""

import json
import shutil
from pathlib import Path
from typing import Any, Callable, Dict, Sequence
from unittest import mock

from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.data import DatasetReader

from attention_vat.search import launch
from attention_vat.search.runs import Run
from attention_vat.search.space import SearchSpace
from tests.docs import typed
from tests.docs.pages import Block
from tests.search.tiny import done_run


def python(block: Block) -> None:
    """A search is prepared, and its runs are there without a training."""
    with mock.patch.object(launch, "run_search", _searched):
        exec(compile(block.text, block.place, "exec"), {"__name__": "__main__"})


def _searched(runs: Sequence[Run], *_: Any) -> None:
    for number, run in enumerate(runs):
        shutil.rmtree(run.directory)
        done_run(run.directory.parent, number, 1.0, 0.5)


def jsonnet(block: Block) -> None:
    """A whole configuration is trained, an experiment is checked, and parts of a configuration are put into another."""
    text = block.text
    if not text.startswith(("{", "(", "local ", "//")):
        corpus = "snli" if "pair_sequence" in text else "sst"
        text = f"(import 'training_configs/{corpus}/attention_ivat.jsonnet') + {{\n{text}\n}}"
    file = Path("shown.jsonnet")
    file.write_text(text, encoding="utf-8")
    params = Params.from_file(str(file))
    if "corpora" in params:
        typed.allennlp(["reproduce", str(file)])
    else:
        # Pages share a clone.
        folder = block.place.replace("/", "-").replace(":", "-")
        train_model(typed.shrunk(params), f"output/shown-{folder}")


def json_(block: Block) -> None:
    """A search space."""
    SearchSpace(json.loads(block.text)).samples(2, seed=0)


def jsonl(block: Block) -> None:
    """Lines of data."""
    Path("shown.jsonl").write_text(block.text, encoding="utf-8")
    kind = "pair_sequence" if '"premise"' in block.text else "single_sequence"
    assert list(DatasetReader.by_name(kind)().read("shown.jsonl"))


LANGUAGES: Dict[str, Callable[[Block], None]] = {
    "python": python,
    "jsonnet": jsonnet,
    "json": json_,
    "jsonl": jsonl,
}

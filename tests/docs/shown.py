"""What happens to an example of the documentation in Python, jsonnet or JSON."""

import json
from pathlib import Path
from typing import Callable, Dict

from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.data import DatasetReader

from attention_vat.search.space import SearchSpace
from tests.docs import typed
from tests.docs.pages import Block


def python(block: Block) -> None:
    exec(compile(block.text, block.place, "exec"), {"__name__": "__main__"})


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

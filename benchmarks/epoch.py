"""
The time of an epoch with each technique relative to one without, on the same batches of real sentences.

    python -m benchmarks.epoch --corpus sst --data data/sst
"""

import argparse
from functools import partial
from pathlib import Path
from typing import Any, Dict, List

import torch
from allennlp.common import Params
from allennlp.data import DataLoader, DatasetReader, Vocabulary
from allennlp.models import Model
from allennlp.training.optimizers import Optimizer

import attention_vat  # noqa: F401  (registers the models)
from attention_vat.common.memory import keep_freed_memory
from benchmarks.interleaved import interleaved, ratio
from benchmarks.table import markdown, versions

CONFIGS = Path(__file__).parent.parent / "training_configs"


class Run:
    """One technique: its model and optimizer, and an epoch over given batches, without AllenNLP's own bookkeeping."""

    def __init__(self, config: Params, vocabulary: Vocabulary) -> None:
        torch.manual_seed(0)
        self.model = Model.from_params(config["model"], vocab=vocabulary)
        parameters = [[name, parameter] for name, parameter in self.model.named_parameters()]
        self.optimizer = Optimizer.from_params(config["trainer"]["optimizer"], model_parameters=parameters)

    def epoch(self, batches: List[Any]) -> None:
        self.model.train()
        for batch in batches:
            self.optimizer.zero_grad()
            self.model(**batch)["loss"].backward()
            self.optimizer.step()
        self.model.get_metrics(reset=True)


def measure(corpus: str, data: str, techniques: List[str], repeats: int, max_batches: int) -> Dict[str, Dict[str, Any]]:
    """Seconds for an epoch and the ratio to vanilla, for each technique."""
    configs = {name: Params.from_file(str(CONFIGS / corpus / f"{name}.jsonnet")) for name in techniques}
    base = configs[techniques[0]].duplicate()
    reader = DatasetReader.from_params(base["dataset_reader"])
    loader = DataLoader.from_params(base["data_loader"], reader=reader, data_path=str(Path(data) / "train.jsonl"))
    vocabulary = Vocabulary.from_instances(loader.iter_instances())
    loader.index_with(vocabulary)
    batches = list(loader)[:max_batches]
    runs = {name: Run(config, vocabulary) for name, config in configs.items()}
    tasks = {name: partial(run.epoch, batches) for name, run in runs.items()}
    seconds = interleaved(tasks, repeats)
    return {
        name: {"seconds": sorted(times)[len(times) // 2], "ratio": ratio(times, seconds[techniques[0]])}
        for name, times in seconds.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", default="example", help="a folder of training_configs")
    parser.add_argument("--data", default="fixtures/example", help="the folder with its train.jsonl")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--max-batches", type=int, default=10**9)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    keep_freed_memory()
    techniques = ["vanilla", "attention_vat", "attention_ivat"]
    results = measure(arguments.corpus, arguments.data, techniques, arguments.repeats, arguments.max_batches)
    print(versions())
    print()
    rows = [[name, result["seconds"], result["ratio"]] for name, result in results.items()]
    print(markdown(["technique", "seconds", "against vanilla"], rows))


if __name__ == "__main__":
    main()

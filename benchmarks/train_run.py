"""
The total time of `allennlp train`, including reading, vocabulary, epochs, validation and checkpoints. It compares the
shipped configuration of semi-supervised Attention iVAT with the straightforward implementation
(`benchmarks/straightforward.py`), trained with AllenNLP's own loader and "adam".

    python -m benchmarks.train_run --data data/sst --unlabeled data/sentences/unlabeled.jsonl --epochs 8
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List

import torch

from attention_vat.common.configurations import evaluate_file
from benchmarks.interleaved import ratio
from benchmarks.table import markdown, versions

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / "training_configs" / "sst" / "attention_ivat_semi_supervised.jsonnet"


def ours(data: str, unlabeled: str, epochs: int, cuda_device: int) -> Dict[str, Any]:
    """The shipped configuration."""
    config = json.loads(evaluate_file(str(CONFIG)))
    config["train_data_path"] = f"{data}/train.jsonl"
    config["validation_data_path"] = f"{data}/validation.jsonl"
    config["trainer"].update(num_epochs=epochs, cuda_device=cuda_device)
    config["trainer"]["callbacks"][0]["unlabeled_data_path"] = unlabeled
    return config


def recorded(data: str, unlabeled: str, epochs: int, cuda_device: int) -> Dict[str, Any]:
    """The shipped configuration with steps that the GPU replays."""
    config = ours(data, unlabeled, epochs, cuda_device)
    config["trainer"]["callbacks"].append({"type": "cuda_graphs"})
    return config


def straightforward(data: str, unlabeled: str, epochs: int, cuda_device: int) -> Dict[str, Any]:
    """The same with nothing but AllenNLP's own parts and the straightforward model."""
    config = ours(data, unlabeled, epochs, cuda_device)
    (regularizer,) = config["model"].pop("regularizers")
    for key in ("scorer", "class_weights"):
        config["model"].pop(key, None)
    config["model"].update(type="straightforward", technique=regularizer["type"], epsilon=regularizer["epsilon"])
    reader = config["dataset_reader"]
    config["trainer"]["optimizer"]["type"] = "adam"
    config["trainer"]["callbacks"] = [{"type": "straightforward", "unlabeled_data_path": unlabeled, "reader": reader}]
    config["trainer"].pop("checkpointer", None)
    sampler = {"type": "bucket", "batch_size": 32, "sorting_keys": ["tokens"]}
    config["data_loader"] = {"batch_sampler": sampler}
    return config


def run(config: Dict[str, Any], threads: int) -> Dict[str, Any]:
    """Seconds of the whole process, and what it reports."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "config.json"
        path.write_text(json.dumps(config))
        command = [sys.executable, "-m", "allennlp", "train", str(path), "-s", f"{directory}/run"]
        for package in ("attention_vat", "benchmarks.straightforward"):
            command += ["--include-package", package]
        path_of_imports = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "PYTHONPATH": path_of_imports}
        start = time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        seconds = time.perf_counter() - start
        if done.returncode:
            sys.exit(f"allennlp train failed:\n{done.stderr[-3000:]}")
        metrics = json.loads((Path(directory) / "run" / "metrics.json").read_text())
    return {
        "seconds": seconds,
        "accuracy": metrics["best_validation_accuracy"],
        "mb": metrics["peak_worker_0_memory_MB"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="fixtures/example", help="a folder with train.jsonl and validation.jsonl")
    parser.add_argument("--unlabeled", default="fixtures/example/unlabeled.jsonl")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--cuda-device", type=int, default=-1)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    options = (arguments.data, arguments.unlabeled, arguments.epochs, arguments.cuda_device)
    trainings = {"straightforward": straightforward, "attention_vat": ours}
    if arguments.cuda_device >= 0:
        trainings["attention_vat, cuda_graphs"] = recorded
    results: Dict[str, List[Dict[str, Any]]] = {name: [] for name in trainings}
    for _ in range(arguments.repeats):
        for name, config in trainings.items():
            results[name].append(run(config(*options), arguments.threads))
    seconds = {name: [result["seconds"] for result in runs] for name, runs in results.items()}
    rows = [
        [
            name,
            sorted(seconds[name])[len(runs) // 2],
            ratio(seconds["straightforward"], seconds[name]),
            runs[-1]["mb"],
            runs[-1]["accuracy"],
        ]
        for name, runs in results.items()
    ]
    print(f"{versions()}; {arguments.epochs} epochs")
    print()
    print(markdown(["training", "seconds", "times faster", "peak MB", "validation accuracy"], rows))


if __name__ == "__main__":
    main()

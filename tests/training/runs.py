"""A training of two seconds that has everything random, and what is left of one."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any, Dict

import torch
from allennlp.common import Params

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "example"


def small_run(trainer: Any = (), **top: Any) -> Dict[str, Any]:
    """The configuration, with other values in `trainer` or at the top."""
    config = {
        "dataset_reader": {"type": "single_sequence", "max_instances": 18},
        "train_data_path": str(FIXTURES / "train.jsonl"),
        "validation_data_path": str(FIXTURES / "validation.jsonl"),
        "model": {
            "type": "single_sequence_attention",
            "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}},
            "encoder": {"type": "lstm", "input_size": 4, "hidden_size": 6, "bidirectional": True},
            "dropout": 0.3,
            "regularizers": [{"type": "attention_ivat", "epsilon": 2.0}],
        },
        "data_loader": {"batch_sampler": {"type": "bucket", "batch_size": 6, "sorting_keys": ["tokens"]}},
        "validation_data_loader": {"batch_size": 18},
        "trainer": {
            "optimizer": {"type": "fused_adam", "lr": 0.01},
            "num_epochs": 3,
            "cuda_device": -1,
            "checkpointer": {"type": "whole", "save_every_num_batches": 2},
            "callbacks": [
                {"type": "virtual_adversarial_training", "unlabeled_data_path": str(FIXTURES / "unlabeled.jsonl")}
            ],
            **dict(trainer),
        },
        **top,
    }
    return json.loads(json.dumps(config))


def params(config: Dict[str, Any]) -> Params:
    """Reading a configuration takes it apart."""
    return Params(json.loads(json.dumps(config)))


def numbers(path: Path) -> Dict[str, Any]:
    """Metrics without what is another at each run."""
    metrics = json.loads(path.read_text())
    return {name: value for name, value in metrics.items() if "duration" not in name and "memory" not in name}


def outcome(directory: Path) -> Dict[str, Any]:
    """All that a user has of a training, in a form that can be compared: weights as lists."""
    result: Dict[str, Any] = {"best.th": _weights((directory / "best.th").read_bytes())}
    with tarfile.open(directory / "model.tar.gz") as archive:
        for member in archive.getmembers():
            if member.isfile() and not member.name.endswith(".lock"):
                content = archive.extractfile(member).read()  # type: ignore[union-attr]
                result[f"archive {member.name}"] = _weights(content) if member.name.endswith(".th") else content
    for path in [directory / "metrics.json", *directory.glob("metrics_epoch_*.json")]:
        result[path.name] = numbers(path)
    # A kill while old checkpoints are removed may leave one that is of no use.
    result["files"] = sorted(path.name for path in directory.iterdir() if "_b" not in path.name)
    return result


def _weights(content: bytes) -> Dict[str, Any]:
    return {name: weights.tolist() for name, weights in torch.load(io.BytesIO(content)).items()}


def assert_same_outcome(directory: Path, expected: Dict[str, Any], middle_of_epoch: bool = False) -> None:
    """
    # Parameters

    directory : `Path`
    expected : `Dict[str, Any]`
        The `outcome` of the undisturbed training.
    middle_of_epoch : `bool`, optional
        Whether one epoch may lack the metrics of training.
    """
    found = outcome(directory)
    assert found.keys() == expected.keys()
    lacking = 0
    for name, value in expected.items():
        if name.startswith("metrics") and "training_loss" not in found[name]:
            lacking += name != "metrics.json"
            value = {key: number for key, number in value.items() if not key.startswith("training_")}
        assert found[name] == value, name
    assert lacking <= middle_of_epoch

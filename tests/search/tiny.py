"""A search that takes a moment."""

import json
from pathlib import Path
from typing import Any, Dict

from attention_vat.experiments.files import write_json
from attention_vat.search.runs import Run

ROOT = Path(__file__).parents[2]


def configuration(num_epochs: Any = 4, **trainer: Any) -> Dict[str, Any]:
    return {
        "dataset_reader": {"type": "single_sequence", "max_instances": 24},
        "train_data_path": str(ROOT / "fixtures" / "example" / "train.jsonl"),
        "validation_data_path": str(ROOT / "fixtures" / "example" / "validation.jsonl"),
        "random_seed": 7,
        "numpy_seed": 7,
        "pytorch_seed": 7,
        "model": {
            "type": "single_sequence_attention",
            "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}},
            "encoder": {"type": "lstm", "input_size": 4, "hidden_size": 3, "bidirectional": True},
            "regularizers": [{"type": "attention_ivat", "epsilon": 1.0}],
        },
        "data_loader": {"batch_size": 12, "shuffle": True},
        "validation_data_loader": {"batch_size": 24},
        "trainer": {
            "optimizer": {"type": "sgd", "lr": 0.5},
            "num_epochs": num_epochs,
            "validation_metric": "-loss",
            "checkpointer": {"type": "whole", "keep_most_recent_by_count": 2},
            "callbacks": ["exact_recovery"],
            "cuda_device": -1,
            **trainer,
        },
    }


def done_run(
    experiment: Path, number: int, epsilon: float, f1: float, technique: str = "attention_vat", status: str = "finished"
) -> Run:
    """What a run leaves, without the training."""
    run = Run(experiment / f"run_{number:05d}")
    run.trial.mkdir(parents=True)
    config = {
        "model": {"type": "single_sequence_attention", "regularizers": [{"type": technique, "epsilon": epsilon}]},
        "trainer": {"validation_metric": "+f1"},
        "random_seed": 7,
    }
    metrics = {"best_validation_f1": f1, "training_duration": "0:01:00.5", "epoch": 1, "best_validation_loss": 1 - f1}
    write_json(run.directory / "hyperparameters.json", {"EPSILON": epsilon, "TECHNIQUE": technique})
    write_json(run.directory / "config.json", config)
    write_json(run.trial / "config.json", config)
    # As AllenNLP does, which writes NaN.
    (run.trial / "metrics.json").write_text(json.dumps(metrics))
    write_json(run.trial / "metrics_epoch_0.json", {"epoch": 0, "validation_f1": f1 / 2})
    write_json(run.trial / "metrics_epoch_1.json", {"epoch": 1, "validation_f1": f1})
    (run.trial / "stdout.log").write_text("random_seed = 7\npytorch_seed = 133\nnumpy_seed = 1337\n")
    run.finish(status)
    return run

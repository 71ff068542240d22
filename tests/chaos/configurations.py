"""Small trainings with everything that has to come back after a kill."""

import copy
from pathlib import Path
from typing import Any, Dict

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
EXAMPLE = FIXTURES / "example"

Config = Dict[str, Any]


def _embedder(**options: Any) -> Config:
    return {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 6, **options}}}


SINGLE: Config = {
    "dataset_reader": {"type": "single_sequence", "max_instances": 32},
    "train_data_path": str(EXAMPLE / "train.jsonl"),
    "validation_data_path": str(EXAMPLE / "validation.jsonl"),
    "model": {
        "type": "single_sequence_attention",
        "text_field_embedder": _embedder(),
        "encoder": {"type": "lstm", "input_size": 6, "hidden_size": 4, "bidirectional": True},
        "dropout": 0.3,
        "regularizers": [{"type": "attention_ivat", "epsilon": 2.0}],
    },
    "data_loader": {"batch_sampler": {"type": "bucket", "batch_size": 8, "sorting_keys": ["tokens"]}},
    "trainer": {
        "optimizer": {"type": "fused_adam", "lr": 0.03},
        "num_epochs": 3,
        "cuda_device": -1,
        "validation_metric": "-loss",
        "checkpointer": {"type": "whole", "keep_most_recent_by_count": 2},
        "callbacks": ["exact_recovery"],
    },
}
PAIR: Config = {
    "dataset_reader": {"type": "pair_sequence"},
    "train_data_path": str(FIXTURES / "pairs.jsonl"),
    "validation_data_path": str(FIXTURES / "pairs.jsonl"),
    "model": {
        "type": "pair_sequence_attention",
        "text_field_embedder": _embedder(),
        "encoder": {"type": "lstm", "input_size": 6, "hidden_size": 4, "bidirectional": True},
        "hypothesis_text_field_embedder": _embedder(),
        "hypothesis_encoder": {"type": "gru", "input_size": 6, "hidden_size": 8},
        "dropout": 0.2,
        "regularizers": [{"type": "attention_vat", "epsilon": 1.0}],
    },
    "data_loader": {"batch_size": 9, "shuffle": True},
    "trainer": SINGLE["trainer"],
}
SEMI_SUPERVISED = {
    "type": "virtual_adversarial_training",
    "unlabeled_data_path": str(EXAMPLE / "unlabeled.jsonl"),
    "unlabeled_ratio": 1.5,
    "schedule": {"type": "linear_warmup", "num_steps": 10},
}
WITHIN_EPOCHS = {"type": "whole", "save_every_num_batches": 2, "keep_most_recent_by_count": 3}

# Names of configurations, and what each one changes. A name with dots stands for a place inside.
CHANGES: Dict[str, Config] = {
    "single": {},
    "pair": {},
    "semi-supervised": {"trainer.callbacks": [SEMI_SUPERVISED], "trainer.checkpointer": WITHIN_EPOCHS},
    "gradient accumulation": {
        "trainer.num_gradient_accumulation_steps": 3,
        "trainer.callbacks": [SEMI_SUPERVISED],
        "trainer.checkpointer": {**WITHIN_EPOCHS, "save_every_num_batches": 1},
    },
    "word_ivat": {
        "model.regularizers": [{"type": "word_ivat", "epsilon": 0.5, "num_neighbors": 3}],
        "trainer.callbacks": ["virtual_adversarial_training"],
        "trainer.checkpointer": WITHIN_EPOCHS,
    },
    "workers of the loader": {
        "data_loader": {"type": "multiprocess", "batch_size": 8, "num_workers": 1, "max_instances_in_memory": 16},
    },
    "flat loader": {
        "data_loader.type": "flat",
        "data_loader.fields": ["tokens", "label"],
        "data_loader.batches_per_epoch": 3,
        "validation_data_loader": {"batch_size": 16},
        "trainer.checkpointer": WITHIN_EPOCHS,
    },
    "lazy_adam": {
        "model.text_field_embedder": _embedder(sparse=True),
        "trainer.optimizer": {"type": "lazy_adam", "lr": 0.03, "amsgrad": True},
        "trainer.grad_norm": 1.0,
        "trainer.checkpointer": WITHIN_EPOCHS,
    },
    "schedule by steps": {
        "trainer.learning_rate_scheduler": {"type": "linear_with_warmup", "warmup_steps": 3},
        "trainer.checkpointer": WITHIN_EPOCHS,
    },
    "schedule by metric": {
        "trainer.learning_rate_scheduler": {"type": "reduce_on_plateau", "patience": 0, "factor": 0.3},
        "trainer.optimizer.lr": 0.4,
        "trainer.num_epochs": 4,
    },
    "cosine schedule": {"trainer.learning_rate_scheduler": {"type": "cosine", "t_initial": 2}},
    "attention_correlation": {
        "trainer.callbacks": ["exact_recovery", "attention_correlation"],
        "trainer.validation_metric": "+attention_pearson",
    },
    "early stop": {"trainer.patience": 1, "trainer.num_epochs": 8, "trainer.optimizer.lr": 0.4},
    "moving average": {
        "trainer.moving_average": {"type": "exponential", "decay": 0.9},
        "trainer.checkpointer": WITHIN_EPOCHS,
    },
    "test at the end": {
        "test_data_path": str(EXAMPLE / "test.jsonl"),
        "evaluate_on_test": True,
        "trainer.optimizer.lr": 0.4,
    },
}


def configuration(name: str) -> Config:
    """A configuration for AllenNLP's `train_model`, which takes it apart."""
    config = copy.deepcopy(PAIR if name == "pair" else SINGLE)
    for place, value in CHANGES[name].items():
        *outer, last = place.split(".")
        inner = config
        for key in outer:
            inner = inner.setdefault(key, {})
        inner[last] = copy.deepcopy(value)
    return config

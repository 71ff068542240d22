"""What regularizers learn is trained, saved, recovered and spread over processes as the rest of the model is."""

import copy
import json
from pathlib import Path

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params, cached_transformers
from allennlp.common.checks import ConfigurationError
from allennlp.models import load_archive
from allennlp.predictors import Predictor

from tests.forks import spawn
from tests.tiny import tiny_labels
from tests.tiny_transformers import TINY_BERT, tiny_pieces, tiny_transformer_model

ASA = {"type": "adversarial_self_attention", "tau": 0.3}
BERT = {"type": "pretrained_transformer", "model_name": str(TINY_BERT)}


def configuration(directory, num_epochs=2, regularizers=(ASA,), callbacks=(), **trainer):
    corpus = Path(directory) / "corpus.jsonl"
    lines = [{"text": "the film was good", "label": "1"}, {"text": "the story is dull, never great", "label": "0"}]
    corpus.write_text("".join(json.dumps(line) + "\n" for line in lines * 4))
    config = {
        "dataset_reader": {
            "type": "single_sequence",
            "tokenizer": BERT,
            "token_indexers": {"tokens": BERT},
        },
        "train_data_path": str(corpus),
        "validation_data_path": str(corpus),
        "model": {
            "type": "single_sequence_attention",
            "text_field_embedder": {"token_embedders": {"tokens": {**BERT, "load_weights": False}}},
            "encoder": {"type": "pass_through", "input_dim": 16},
            "boundary_tokens": 1,
            "regularizers": list(regularizers),
        },
        "data_loader": {"batch_size": 4, "shuffle": True},
        "trainer": {
            "optimizer": {"type": "huggingface_adamw", "lr": 0.01},
            "num_epochs": num_epochs,
            "cuda_device": -1,
            "callbacks": list(callbacks),
            **trainer,
        },
    }
    # Reading a configuration takes it apart: nothing may be in it twice.
    return json.loads(json.dumps(config))


def train(directory, config, **kwargs):
    # A kept encoder would not draw its weights again, so that all that follows would draw other numbers.
    cached_transformers._clear_caches()
    model = train_model(Params(copy.deepcopy(config)), str(directory), **kwargs)
    return model, json.loads((Path(directory) / "metrics.json").read_text())


def test_training_metrics_and_archive(tmp_path):
    config = configuration(tmp_path, regularizers=[ASA, {"type": "r_drop", "weight": 0.5}])
    model, metrics = train(tmp_path / "out", config)
    for name in ("divergence_0", "divergence_1", "kept_share_0", "kept_share_layer_1_0", "empty_rows_0"):
        assert f"training_{name}" in metrics
        assert f"validation_{name}" not in metrics
    assert "training_supervised_loss" in metrics
    archive = load_archive(str(tmp_path / "out" / "model.tar.gz"))
    assert {name for name, _ in archive.model.named_parameters() if name.startswith("adversaries")} == {
        f"adversaries.0.{part}.{layer}.{kind}"
        for part in ("query", "key")
        for layer in (0, 1)
        for kind in ("weight", "bias")
    }
    for name, weights in model.state_dict().items():
        assert torch.equal(archive.model.state_dict()[name], weights)
    prediction = Predictor.from_archive(archive).predict("the film was good")
    assert prediction["tokens"] == ["the", "film", "was", "good"]


def test_the_adversary_has_a_learning_rate_of_its_own(tmp_path):
    config = configuration(tmp_path)
    config["trainer"]["optimizer"]["parameter_groups"] = [[["^adversaries"], {"lr": 0.0}]]
    torch.manual_seed(0)
    model, _ = train(tmp_path / "out", config)
    weights = model.adversaries["0"].query["0"].weight
    assert model.adversaries["0"].query["0"].bias.eq(0).all()
    assert weights.std().item() == pytest.approx(0.02, rel=0.3)


def test_recovery_is_exact(tmp_path):
    config = configuration(tmp_path, num_epochs=3, callbacks=["exact_recovery"])
    expected, _ = train(tmp_path / "whole", config)
    train(tmp_path / "recovered", {**config, "trainer": {**config["trainer"], "num_epochs": 1}})
    # As if training had been interrupted after its first epoch.
    (tmp_path / "recovered" / "config.json").write_text(json.dumps(config))
    recovered, _ = train(tmp_path / "recovered", config, recover=True)
    for name, weights in expected.state_dict().items():
        assert torch.equal(recovered.state_dict()[name], weights), name


def test_unlabeled_text_and_a_schedule(tmp_path):
    callback = {
        "type": "virtual_adversarial_training",
        "unlabeled_data_path": str(tmp_path / "corpus.jsonl"),
        "schedule": {"type": "linear_warmup", "num_steps": 10**9},
    }
    _, metrics = train(tmp_path / "out", configuration(tmp_path, num_epochs=1, callbacks=[callback]))
    assert metrics["training_loss"] == pytest.approx(metrics["training_supervised_loss"], abs=1e-5)
    assert metrics["training_divergence"] >= 0


def test_checkpointing_is_refused(tmp_path):
    model = tiny_transformer_model([ASA])
    model.text_field_embedder.token_embedder_tokens.transformer_model.gradient_checkpointing_enable()
    with pytest.raises(ConfigurationError, match="gradient checkpointing"):
        model(tokens=tiny_pieces([3]), label=tiny_labels(1))


def batches(parts):
    """Eight texts in one batch or several of the same size, all as wide as the longest."""
    pieces, label = tiny_pieces([5, 3, 7, 1, 4, 4, 2, 6])["tokens"], tiny_labels(8)
    size = 8 // parts
    return [
        {
            "tokens": {"tokens": {name: part[start : start + size] for name, part in pieces.items()}},
            "label": label[start : start + size],
        }
        for start in range(0, 8, size)
    ]


def attacked_model():
    model = tiny_transformer_model([ASA])
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.adversaries.parameters():
            parameter.normal_(0.0, 0.5)
    return model


def gradient_of(model):
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


def large_batch_gradient():
    model = attacked_model()
    model(**batches(1)[0])["loss"].backward()
    return gradient_of(model)


def test_gradient_accumulation_gives_the_gradient_of_the_large_batch():
    model = attacked_model()
    for batch in batches(4):
        (model(**batch)["loss"] / 4).backward()
    torch.testing.assert_close(gradient_of(model), large_batch_gradient(), rtol=1e-9, atol=1e-12)


def _distributed_gradient(rank, directory):
    torch.distributed.init_process_group("gloo", init_method=f"file://{directory}/store", rank=rank, world_size=2)
    model = attacked_model()
    # The pooler of this BERT is not used, with or without a regularizer.
    wrapped = torch.nn.parallel.DistributedDataParallel(model, find_unused_parameters=True)
    wrapped(**batches(2)[rank])["loss"].backward()
    pooler = [name for name, _ in model.named_parameters() if "pooler" in name]
    gradients = {name: p.grad for name, p in model.named_parameters() if name not in pooler}
    torch.save(torch.cat([gradient.flatten() for gradient in gradients.values()]), f"{directory}/gradient_{rank}.th")
    torch.distributed.barrier()  # see tests/training/callbacks/virtual_adversarial_training_test.py


def test_two_processes_give_the_gradient_of_the_large_batch(tmp_path):
    spawn(_distributed_gradient, args=(str(tmp_path),), nprocs=2)
    expected = large_batch_gradient()
    for rank in (0, 1):
        torch.testing.assert_close(torch.load(tmp_path / f"gradient_{rank}.th"), expected, rtol=1e-9, atol=1e-12)

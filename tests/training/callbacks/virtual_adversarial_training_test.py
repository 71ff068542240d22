import json
from pathlib import Path

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import load_archive

from attention_vat.regularizers.perturbation import FreeDirections
from attention_vat.regularizers.perturbation.nearest_words import nearest_words
from tests.forks import spawn
from tests.tiny import tiny_labels, tiny_model, tiny_tokens
from tests.training.callbacks.exact_recovery_test import FIXTURES, configuration


def train(directory, config):
    model = train_model(Params(config), str(directory))
    return model, json.loads((Path(directory) / "metrics.json").read_text())


def test_metrics_of_semi_supervised_training(tmp_path):
    config = configuration(num_epochs=1)
    config["trainer"]["callbacks"].append({"type": "tensorboard", "summary_interval": 2})
    _, metrics = train(tmp_path, config)
    epoch = json.loads((tmp_path / "metrics_epoch_0.json").read_text())
    for name in ("supervised_loss", "kl_labeled", "kl_unlabeled", "perturbation_norm", "unlabeled_share"):
        assert metrics[f"training_{name}"] == epoch[f"training_{name}"]
        assert f"validation_{name}" not in metrics
    # 12 batches of 8 labelled sentences; 96 unlabelled ones in batches of 12 go once and a half over.
    assert metrics["training_unlabeled_share"] == pytest.approx(0.6)
    assert metrics["training_perturbation_norm"] == pytest.approx(2.0, abs=1e-4)
    assert 0 <= metrics["training_kl_unlabeled"] < 1
    assert {path.name for path in (tmp_path / "log").iterdir()} == {"train", "validation"}
    events = b"".join(path.read_bytes() for path in (tmp_path / "log" / "train").iterdir())
    assert b"kl_unlabeled" in events
    assert b"perturbation_norm" in events


def test_supervised_training_has_no_unlabeled_part(tmp_path):
    config = configuration(num_epochs=1, callbacks=["virtual_adversarial_training"])
    _, metrics = train(tmp_path, config)
    assert metrics["training_unlabeled_share"] == 0.0
    assert "training_kl_unlabeled" not in metrics


def test_nearest_words_are_found_again_after_an_epoch(tmp_path):
    """The words have moved by then."""
    config = configuration(num_epochs=1, callbacks=["virtual_adversarial_training"])
    config["model"]["regularizers"] = [{"type": "word_ivat", "num_neighbors": 3}]
    config["trainer"]["optimizer"] = {"type": "sgd", "lr": 30.0}
    model, _ = train(tmp_path, config)
    (matrix,) = model.embedding_matrices()
    neighbors = model.regularizers[0].state_dict()["neighbors"]
    assert torch.equal(neighbors, nearest_words(matrix.detach(), 3, torch.tensor(model.rows_without_meaning())))


def test_the_schedule_reaches_the_loss(tmp_path):
    config = configuration(num_epochs=1)
    config["trainer"]["callbacks"][0]["schedule"] = {"type": "linear_warmup", "num_steps": 10**9}
    _, metrics = train(tmp_path, config)
    assert metrics["training_loss"] == pytest.approx(metrics["training_supervised_loss"], abs=1e-6)
    assert metrics["training_kl_labeled"] > 0


def test_a_loader_and_a_reader_of_its_own(tmp_path):
    config = configuration(num_epochs=1)
    config["trainer"]["callbacks"][0].pop("unlabeled_ratio")
    config["trainer"]["callbacks"][0]["unlabeled_data_loader"] = {"batch_size": 2, "shuffle": True}
    config["trainer"]["callbacks"][0]["unlabeled_dataset_reader"] = {"type": "single_sequence", "max_instances": 5}
    _, metrics = train(tmp_path, config)
    # 12 batches of 8, and 12 batches of 2, 2, 1, 2, 2, 1, ...
    assert metrics["training_unlabeled_share"] == pytest.approx(20 / 116)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["model"].update(regularizers=[]), "no regularizer of the model uses unlabelled text"),
        (
            lambda c: c["trainer"]["callbacks"][0].update(unlabeled_data_loader={"batch_size": 2}),
            "sets its own batch size; remove unlabeled_ratio",
        ),
        (
            lambda c: c["trainer"]["callbacks"][0].update(unlabeled_ratio=0),
            "unlabeled_ratio is 0, but must be positive",
        ),
        (
            lambda c: c.update(
                model={
                    "type": "basic_classifier",
                    "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}},
                    "seq2vec_encoder": {"type": "boe", "embedding_dim": 4},
                },
                dataset_reader={"type": "text_classification_json", "tokenizer": "words"},
                train_data_path=str(FIXTURES.parent / "text_classification.jsonl"),
                validation_data_path=None,
            ),
            "needs one of attention_vat's models, not BasicClassifier",
        ),
    ],
)
def test_errors(tmp_path, change, message):
    config = configuration(num_epochs=1)
    change(config)
    if config["validation_data_path"] is None:
        del config["validation_data_path"]
    with pytest.raises(ConfigurationError, match=message):
        train(tmp_path, config)


def test_fine_tuning_from_an_archive(tmp_path):
    config = configuration(num_epochs=1)
    first, _ = train(tmp_path / "first", config)
    again = configuration(num_epochs=1, optimizer={"type": "sgd", "lr": 0.0})
    again["model"] = {"type": "from_archive", "archive_file": str(tmp_path / "first" / "model.tar.gz")}
    second, metrics = train(tmp_path / "second", again)
    for name, parameter in second.state_dict().items():  # a learning rate of 0 keeps the archive's weights
        torch.testing.assert_close(parameter, load_archive(tmp_path / "first").model.state_dict()[name])
    assert metrics["training_perturbation_norm"] == pytest.approx(2.0, abs=1e-4)


@pytest.fixture
def fixed_start(monkeypatch):
    monkeypatch.setattr(FreeDirections, "random", same_start)


def same_start(self, point, mask):
    """Noise would differ between batches of different shape."""
    waves = torch.cos(torch.arange(point.size(1), dtype=point.dtype) * 1.7 + 0.3).expand_as(point) * mask
    return self.unit(waves, point, mask)


TECHNIQUE = {"type": "attention_vat", "epsilon": 2.0}


def batches(parts):
    """Eight labelled and eight unlabelled sentences, in one batch or several of the same size."""
    lengths = [5, 3, 7, 1, 4, 4, 2, 6]
    tokens = tiny_tokens(lengths)["tokens"]["tokens"].chunk(parts)
    unlabeled = tiny_tokens(lengths, seed=5)["tokens"]["tokens"].chunk(parts)
    labels = tiny_labels(8).chunk(parts)
    labeled = [{"tokens": {"tokens": {"tokens": part}}, "label": label} for part, label in zip(tokens, labels)]
    return labeled, [{"tokens": {"tokens": {"tokens": part}}} for part in unlabeled]


def gradient_of(model):
    return torch.cat([parameter.grad.flatten() for parameter in model.parameters()])


def large_batch_gradient():
    model = tiny_model([TECHNIQUE])
    model.train()
    (labeled,), unlabeled = batches(1)
    model.unlabeled_batches = iter(unlabeled)
    model(**labeled)["loss"].backward()
    return gradient_of(model)


def test_gradient_accumulation_gives_the_gradient_of_the_large_batch(fixed_start):
    model = tiny_model([TECHNIQUE])
    model.train()
    labeled, unlabeled = batches(4)
    model.unlabeled_batches = iter(unlabeled)
    for batch in labeled:
        (model(**batch)["loss"] / 4).backward()
    torch.testing.assert_close(gradient_of(model), large_batch_gradient(), rtol=1e-10, atol=1e-12)


def _distributed_gradient(rank, directory):
    FreeDirections.random = same_start
    torch.distributed.init_process_group("gloo", init_method=f"file://{directory}/store", rank=rank, world_size=2)
    model = tiny_model([TECHNIQUE])
    model.train()
    labeled, unlabeled = batches(2)
    model.unlabeled_batches = iter(unlabeled[rank:])
    wrapped = torch.nn.parallel.DistributedDataParallel(model)
    wrapped(**labeled[rank])["loss"].backward()
    model.get_metrics(reset=True)
    torch.save(gradient_of(model), f"{directory}/gradient_{rank}.th")
    # The process group is left to the end of the process. Torch 1.12 destroys it with Python's lock held and waits for
    # a thread of Gloo, which may want that lock to drop its last tensors: it hung once in a while.
    torch.distributed.barrier()


def test_two_processes_give_the_gradient_of_the_large_batch(fixed_start, tmp_path):
    spawn(_distributed_gradient, args=(str(tmp_path),), nprocs=2)
    expected = large_batch_gradient()
    for rank in (0, 1):
        gradient = torch.load(tmp_path / f"gradient_{rank}.th")
        torch.testing.assert_close(gradient, expected, rtol=1e-10, atol=1e-12)


def test_distributed_training_from_a_configuration(tmp_path):
    config = configuration(num_epochs=2)
    config["distributed"] = {"cuda_devices": [-1, -1]}
    del config["trainer"]["cuda_device"]
    train_model(Params(config), str(tmp_path), include_package=["attention_vat"])
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    # Two processes with 48 of the 96 sentences each, 6 batches of 8, and 12 unlabelled ones beside each.
    assert metrics["training_unlabeled_share"] == pytest.approx(0.6)
    assert metrics["training_perturbation_norm"] == pytest.approx(2.0, abs=1e-4)
    assert (tmp_path / "model.tar.gz").exists()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("use_amp", [False, True])
def test_on_a_gpu(tmp_path, use_amp):
    config = configuration(num_epochs=2, cuda_device=0, use_amp=use_amp)
    _, metrics = train(tmp_path, config)
    assert metrics["training_perturbation_norm"] == pytest.approx(2.0, abs=1e-3)
    assert metrics["training_kl_labeled"] > 0

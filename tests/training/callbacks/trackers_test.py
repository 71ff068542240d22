"""AllenNLP's callbacks `tensorboard` and `wandb` show all that is measured."""

import json
import struct
import sys
from collections import defaultdict
from types import SimpleNamespace

import pytest
from allennlp.commands.train import train_model
from allennlp.common import Params
from tensorboardX.proto.event_pb2 import Event

from tests.search.tiny import ROOT, configuration

# What the techniques and the model add to the loss.
OURS = ["accuracy", "f1", "kl_labeled", "kl_unlabeled", "perturbation_norm", "supervised_loss", "unlabeled_share"]
VALIDATION = ["accuracy", "f1", "loss"]
STEPS, EPOCHS = 4, 2


def train(directory, callback, recover=False):
    config = configuration(num_epochs=EPOCHS)
    stream = {
        "type": "virtual_adversarial_training",
        "unlabeled_data_path": str(ROOT / "fixtures" / "example" / "unlabeled.jsonl"),
    }
    config["trainer"]["callbacks"] = [stream, callback]
    train_model(Params(config), str(directory), recover=recover)
    return [json.loads((directory / f"metrics_epoch_{epoch}.json").read_text()) for epoch in range(EPOCHS)]


def check(shown, epochs):
    """
    `shown` has lists of values by name. Means of an epoch are those of the files, and the last ones within an epoch.
    """
    for name in OURS + ["loss"]:
        of_epochs = [metrics[f"training_{name}"] for metrics in epochs]
        assert shown[f"train/{name}"] == pytest.approx(of_epochs), name
        batches = shown[f"train/batch_{name}"]
        assert len(batches) == STEPS
        if name != "loss":  # that of a batch alone
            assert batches[STEPS // EPOCHS - 1 :: STEPS // EPOCHS] == pytest.approx(of_epochs), name
    for name in VALIDATION:
        assert shown[f"validation/{name}"] == pytest.approx([metrics[f"validation_{name}"] for metrics in epochs]), name


def events(file):
    """Those of an event file: each has its length, four bytes to check it, itself, and four bytes to check that."""
    content = file.read_bytes()
    while content:
        (length,) = struct.unpack("<Q", content[:8])
        yield Event.FromString(content[12 : 12 + length])
        content = content[16 + length :]


def test_tensorboard(tmp_path):
    epochs = train(tmp_path / "run", {"type": "tensorboard", "summary_interval": 1})
    shown = defaultdict(list)
    for part in ("train", "validation"):
        (file,) = (tmp_path / "run" / "log" / part).iterdir()
        for event in events(file):
            for value in event.summary.value:
                shown[value.tag].append(value.simple_value)
    check(shown, epochs)


def test_tensorboard_reads_it(tmp_path):
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="the extra `trackers` is not installed"
    )
    epochs = train(tmp_path / "run", {"type": "tensorboard", "summary_interval": 1})
    shown = {}
    for part in ("train", "validation"):
        read = accumulator.EventAccumulator(str(tmp_path / "run" / "log" / part)).Reload()
        shown.update({tag: [event.value for event in read.Scalars(tag)] for tag in read.Tags()["scalars"]})
    check(shown, epochs)


class RecordingWandB(SimpleNamespace):
    """In the place of the module, without what new versions lack; it has what the callback calls."""

    def __init__(self):
        super().__init__(runs=[], shown=defaultdict(list), finished=0)

    def init(self, id, config, **kwargs):
        assert config["trainer"]["num_epochs"] == EPOCHS
        self.runs.append((id, kwargs.get("resume")))

    def log(self, scalars, step):
        assert 0 < step <= STEPS
        for name, value in scalars.items():
            assert isinstance(value, (int, float)), name
            self.shown[name].append(value)

    def save(self, path, base_path):
        pass

    def watch(self, model):
        pass

    def finish(self):
        self.finished += 1


def test_wandb(tmp_path, monkeypatch):
    recorded = RecordingWandB()
    monkeypatch.setitem(sys.modules, "wandb", recorded)
    callback = {"type": "wandb", "summary_interval": 1, "project": "p"}
    epochs = train(tmp_path / "run", callback)
    check(recorded.shown, epochs)
    assert recorded.finished == 1
    # The same seed is another run; one that goes on is the same.
    train(tmp_path / "other", callback)
    train(tmp_path / "run", callback, recover=True)
    (first, _), (other, _), (continued, resume) = recorded.runs
    assert first and first != other
    assert (continued, resume) == (first, "auto")


def test_wandb_offline(tmp_path, monkeypatch):
    pytest.importorskip("wandb", reason="the extra `trackers` is not installed")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    train(tmp_path / "run", {"type": "wandb", "summary_interval": 1, "watch_model": False})
    (file,) = (tmp_path / "run" / "wandb").glob("offline-run-*/run-*.wandb")
    content = file.read_bytes()
    for name in [f"train/batch_{name}" for name in OURS] + [f"validation/{name}" for name in VALIDATION]:
        assert name.encode() in content, name

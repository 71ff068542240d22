"""A run that is killed and continued ends where an uninterrupted one ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params

from attention_vat.training import WholeCheckpointer

FIXTURES = Path(__file__).parents[3] / "fixtures" / "example"
TECHNIQUE = {"type": "attention_ivat", "epsilon": 2.0}


def configuration(**overrides):
    """Everything random that a run can have: shuffled buckets, dropout, the search's start, an unlabelled stream."""
    config = {
        "dataset_reader": {"type": "single_sequence", "max_instances": 96},
        "train_data_path": str(FIXTURES / "train.jsonl"),
        "validation_data_path": str(FIXTURES / "validation.jsonl"),
        "model": {
            "type": "single_sequence_attention",
            "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 8}}},
            "encoder": {"type": "lstm", "input_size": 8, "hidden_size": 6, "bidirectional": True},
            "dropout": 0.3,
            "regularizers": [TECHNIQUE],
        },
        "data_loader": {"batch_sampler": {"type": "bucket", "batch_size": 8, "sorting_keys": ["tokens"]}},
        "trainer": {
            "optimizer": {"type": "fused_adam", "lr": 0.01},
            "num_epochs": 3,
            "cuda_device": -1,
            "checkpointer": {"type": "whole", "save_every_num_batches": 5, "keep_most_recent_by_count": 3},
            "callbacks": [
                {
                    "type": "virtual_adversarial_training",
                    "unlabeled_data_path": str(FIXTURES / "unlabeled.jsonl"),
                    "unlabeled_ratio": 1.5,
                    "schedule": {"type": "linear_warmup", "num_steps": 20},
                }
            ],
        },
    }
    for key, value in overrides.items():
        config["trainer"][key] = value
    return json.loads(json.dumps(config))


def final_weights(directory):
    return torch.load(directory / "best.th"), torch.load(sorted(directory.glob("model_state_e3_b*"))[-1])


def assert_same_weights(first, second):
    for one, other in zip(final_weights(first), final_weights(second)):
        assert one.keys() == other.keys()
        assert all(torch.equal(one[key], other[key]) for key in one)


class Killed(BaseException):
    pass


def train_and_die(params, directory, kill_at):
    """Stops without any farewell right after the checkpoint `kill_at`."""
    save = WholeCheckpointer.save_checkpoint

    def save_and_die(self, trainer):
        save(self, trainer)
        if (directory / f"training_state_{'_'.join(kill_at)}.th").exists():
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WholeCheckpointer, "save_checkpoint", save_and_die)
        with pytest.raises(Killed):
            train_model(params, str(directory))


@pytest.mark.parametrize(
    ("kill_at", "overrides"),
    [
        (("e1", "b5"), {}),  # in the middle of an epoch
        (("e2", "b0"), {}),  # between two epochs
        (("e1", "b10"), {}),  # close to the end of one
        (
            ("e1", "b5"),
            {
                "num_gradient_accumulation_steps": 2,
                "checkpointer": {"type": "whole", "save_every_num_batches": 5, "keep_most_recent_by_count": 3},
            },
        ),
    ],
)
def test_the_same_weights_bit_for_bit(tmp_path, kill_at, overrides):
    train_model(Params(configuration(**overrides)), str(tmp_path / "whole"))
    train_and_die(Params(configuration(**overrides)), tmp_path / "killed", kill_at)
    assert not (tmp_path / "killed" / "model.tar.gz").exists()
    train_model(Params(configuration(**overrides)), str(tmp_path / "killed"), recover=True)
    assert_same_weights(tmp_path / "whole", tmp_path / "killed")


def flat(config, **options):
    config["data_loader"].update({"type": "flat", "fields": ["tokens", "label"], **options})
    return json.loads(json.dumps(config))


def test_flat_data_trains_to_the_same_weights(tmp_path):
    train_model(Params(configuration()), str(tmp_path / "allennlp"))
    train_model(Params(flat(configuration())), str(tmp_path / "flat"))
    assert_same_weights(tmp_path / "allennlp", tmp_path / "flat")


@pytest.mark.parametrize("kill_at", [("e1", "b5"), ("e2", "b0")])
def test_epochs_that_are_parts_of_a_pass(tmp_path, kill_at):
    """12 batches a pass and 7 an epoch."""

    def params():
        config = flat(configuration(), batches_per_epoch=7)
        return Params({**config, "validation_data_loader": {"batch_size": 64}})

    train_model(params(), str(tmp_path / "whole"))
    train_and_die(params(), tmp_path / "killed", kill_at)
    train_model(params(), str(tmp_path / "killed"), recover=True)
    assert_same_weights(tmp_path / "whole", tmp_path / "killed")


def test_nearest_words_come_back(tmp_path):
    """They were found at the end of the epoch before the kill, with other weights than those of the checkpoint."""
    config = configuration()
    config["model"]["regularizers"] = [{"type": "word_ivat", "epsilon": 0.5, "num_neighbors": 3}]
    train_model(Params(json.loads(json.dumps(config))), str(tmp_path / "whole"))
    train_and_die(Params(json.loads(json.dumps(config))), tmp_path / "killed", ("e1", "b5"))
    train_model(Params(config), str(tmp_path / "killed"), recover=True)
    assert_same_weights(tmp_path / "whole", tmp_path / "killed")


def test_masks_of_words_come_back(tmp_path):
    """What a regularizer draws and what it has learned."""
    config = configuration()
    config["model"]["regularizers"] = [{"type": "masked_language_model"}, {"type": "tying"}]
    config["model"]["encoder"]["hidden_size"] = 4
    train_model(Params(json.loads(json.dumps(config))), str(tmp_path / "whole"))
    train_and_die(Params(json.loads(json.dumps(config))), tmp_path / "killed", ("e1", "b5"))
    train_model(Params(config), str(tmp_path / "killed"), recover=True)
    assert_same_weights(tmp_path / "whole", tmp_path / "killed")


def test_training_without_unlabeled_text_recovers_by_the_small_callback(tmp_path, monkeypatch):
    overrides = {"callbacks": ["exact_recovery"]}
    train_model(Params(configuration(**overrides)), str(tmp_path / "whole"))
    config = configuration(**overrides)
    stopped = json.loads(json.dumps(config))
    stopped["trainer"]["num_epochs"] = 2
    train_model(Params(stopped), str(tmp_path / "killed"))
    (tmp_path / "killed" / "config.json").write_text(json.dumps(config))
    # AllenNLP compares the configuration with the one it finds; the longer one is the one to go on with.
    train_model(Params(config), str(tmp_path / "killed"), recover=True)
    assert_same_weights(tmp_path / "whole", tmp_path / "killed")


def test_kill_nine_from_the_command_line(tmp_path):
    """As a user meets it: `allennlp train`, `kill -9` at any moment, `allennlp train --recover`."""
    config = tmp_path / "config.json"
    config.write_text(json.dumps(configuration()))

    def command(directory, *arguments):
        return [
            *(sys.executable, "-m", "allennlp", "train", str(config), "-s", str(tmp_path / directory)),
            *("--include-package", "attention_vat", *arguments),
        ]

    environment = {**os.environ, "ALLENNLP_LOG_LEVEL": "ERROR"}
    train_model(Params(configuration()), str(tmp_path / "whole"))
    process = subprocess.Popen(command("killed"), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list((tmp_path / "killed").glob("training_state_e1_b*")):
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "killed" / "model.tar.gz").exists()

    subprocess.run(command("killed", "--recover"), check=True, env=environment, capture_output=True)
    assert_same_weights(tmp_path / "whole", tmp_path / "killed")

"""What AllenNLP needs so that a run can be continued; `training/every_moment_test.py` has the kills."""

import json
import shutil
from types import SimpleNamespace

import pytest
import torch
from allennlp.commands import train
from allennlp.commands.train import train_model
from allennlp.common import Params, Tqdm
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.data.data_loaders import MultiProcessDataLoader
from allennlp.models.archival import archive_model
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer
from allennlp.training.moving_average import ExponentialMovingAverage

from attention_vat.common import only_training, recovery_fixes
from attention_vat.common.fixes import apply_fixes
from attention_vat.common.only_training import only_training_in
from tests.training.damage import DAMAGES, damage
from tests.training.runs import FIXTURES, assert_same_outcome, numbers, outcome, params, small_run


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    directory = tmp_path_factory.mktemp("recovery") / "run"
    train_model(params(small_run()), str(directory))
    return directory


@pytest.fixture
def copy(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "run")
    return tmp_path / "run"


def recover(directory, **trainer):
    train_model(params(small_run(trainer)), str(directory), recover=True)


@pytest.mark.parametrize("how", [*DAMAGES, "removed"])
def test_damaged_small_files_come_back(finished, copy, how):
    for name in ("meta.json", "metrics.json", "metrics_epoch_0.json", "model.tar.gz", "vocabulary/tokens.txt"):
        damage(copy / name, how)
    damage(copy / "vocabulary" / "non_padded_namespaces.txt", how)
    if how != "removed":
        damage(copy / "config.json", how)
    recover(copy)
    assert_same_outcome(copy, outcome(finished))


def test_a_damaged_configuration_that_nobody_knows(copy):
    damage(copy / "config.json", "cut")
    with pytest.raises(
        ConfigurationError, match=r"config\.json is damaged, and the given configuration matches no checkpoint"
    ):
        recover(copy, num_epochs=4)
    # Without a record it could be any.
    for record in copy.glob("checkpoint_*.json"):
        record.unlink()
    with pytest.raises(ConfigurationError, match=r"config\.json is damaged"):
        recover(copy)


@pytest.mark.parametrize("content", [None, b"", b'{"model": {"ty'])
def test_killed_before_the_first_checkpoint(finished, tmp_path, content):
    directory = tmp_path / "killed"
    directory.mkdir()
    if content is not None:
        (directory / "config.json").write_bytes(content)
    (directory / ".config.json.new").write_bytes(b"{")
    recover(directory)
    assert_same_outcome(directory, outcome(finished))


def test_what_is_no_run_is_not_recovered(tmp_path):
    with pytest.raises(ConfigurationError, match="does not exist"):
        recover(tmp_path / "nowhere")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match="doesn't contain a config.json"):
        recover(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("options", [{"recover": True}, {"force": True}, {}])
def test_a_directory_where_somebody_trains(copy, monkeypatch, options):
    monkeypatch.setattr(only_training, "SECONDS_TO_WAIT", 0)
    before = sorted(path.name for path in copy.iterdir())
    message = "Another process is training in .*; wait until it ends"
    with only_training_in(copy), pytest.raises(ConfigurationError, match=message):
        train_model(params(small_run()), str(copy), **options)
    assert sorted(path.name for path in copy.iterdir()) == before


def test_force_begins_anew(finished, copy):
    (copy / "model_state_e9_b0.th").write_text("of another run")
    train_model(params(small_run()), str(copy), force=True)
    assert_same_outcome(copy, outcome(finished))


def test_the_vocabulary_of_several_processes_is_made_before_it_is_read(tmp_path, monkeypatch):
    """Their processes are not started here; what counts is what they would find."""
    config = small_run(distributed={"cuda_devices": [-1, -1]})
    monkeypatch.setattr(train.mp, "spawn", lambda *args, **kwargs: None)
    monkeypatch.setattr(train, "archive_model", lambda *args, **kwargs: None)
    train_model(params(config), str(tmp_path / "whole"))
    expected = {path.name: path.read_bytes() for path in (tmp_path / "whole" / "vocabulary").glob("*.txt")}
    assert len(expected) == 3

    killed = tmp_path / "killed"
    (killed / "vocabulary").mkdir(parents=True)
    shutil.copy(tmp_path / "whole" / "config.json", killed)
    (killed / "vocabulary" / "tokens.txt").write_bytes(expected["tokens.txt"][:50])
    train_model(params(config), str(killed), recover=True)
    assert {path.name: path.read_bytes() for path in (killed / "vocabulary").glob("*.txt")} == expected


def test_the_vocabulary_is_there_when_its_last_file_is(tmp_path, monkeypatch):
    vocabulary = Vocabulary(tokens_to_add={"tokens": ["a\nb", "c"], "labels": ["1"]})
    replaced = []
    replace = recovery_fixes.os.replace
    monkeypatch.setattr(recovery_fixes.os, "replace", lambda a, b: (replaced.append(b.name), replace(a, b)))
    vocabulary.save_to_files(str(tmp_path / "vocabulary"))
    assert replaced == ["labels.txt", "tokens.txt", "non_padded_namespaces.txt"]
    again = Vocabulary.from_files(tmp_path / "vocabulary")
    assert again.get_token_to_index_vocabulary() == vocabulary.get_token_to_index_vocabulary()
    # The order of a set, which differs from process to process, is not in it.
    assert (tmp_path / "vocabulary" / "non_padded_namespaces.txt").read_text() == "*labels\n*tags\n"


def test_weights_and_configuration_are_whole_or_not_there(tmp_path, monkeypatch):
    path = tmp_path / "best.th"
    torch.save(1, path)
    link = tmp_path / "model_state_e1_b0.th"
    link.hardlink_to(path) if hasattr(link, "hardlink_to") else path.link_to(link)
    trainer = SimpleNamespace(_ddp_wrapped_model=None, model=torch.nn.Linear(1, 1))
    GradientDescentTrainer._save_model_state(trainer, str(path))
    assert torch.load(link) == 1, "the model of a checkpoint was written over"

    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(TypeError):
        Params({"a": 1, "b": object()}).to_file(str(tmp_path / "config.json"))
    assert (tmp_path / "config.json").read_text() == "{}"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["best.th", "config.json", "model_state_e1_b0.th"]


@pytest.mark.parametrize("how", ["emptied", "cut", "garbage", "changed"])
def test_damaged_weights_are_neither_archived_nor_loaded(copy, how):
    before = (copy / "model.tar.gz").read_bytes()
    damage(copy / "best.th", how)
    with pytest.raises(ConfigurationError, match=r"best\.th is damaged"):
        archive_model(copy)
    with pytest.raises(ConfigurationError, match=r"best\.th is damaged"):
        GradientDescentTrainer._load_model_state(SimpleNamespace(), str(copy / "best.th"))
    assert (copy / "model.tar.gz").read_bytes() == before
    assert not (copy / ".model.tar.gz.new").exists()


def test_archives_elsewhere(copy, tmp_path):
    (tmp_path / "other").mkdir()
    assert archive_model(copy, archive_path=tmp_path / "other") == str(tmp_path / "other" / "model.tar.gz")
    assert archive_model(copy, archive_path=tmp_path / "mine.tar.gz") == str(tmp_path / "mine.tar.gz")
    with pytest.raises(RuntimeError, match="does not exist"):
        archive_model(copy, weights="none.th")


def test_averages_belong_to_the_model_after_a_recovery():
    def averages(value):
        parameter = torch.nn.Parameter(torch.tensor([value]))
        return parameter, ExponentialMovingAverage([("weight", parameter)], decay=0.5)

    _, before = averages(1.0)
    parameter, after = averages(5.0)
    after.load_state_dict(before.state_dict())
    after.apply()
    after.assign_average_value()
    assert parameter.item() == 3.0  # half of the saved average, half of the parameter
    with pytest.raises(ConfigurationError, match="averages of other parameters"):
        after.load_state_dict({"shadows": {}, "backups": {}})


def test_workers_of_data_loaders_end_with_their_trainer(monkeypatch):
    ended = []
    monkeypatch.setattr(recovery_fixes, "end_with_parent", lambda: ended.append(True))
    reader = SimpleNamespace(_set_worker_info=lambda info: None, read=lambda path: [])
    loader = SimpleNamespace(
        reader=reader, data_path="", num_workers=1, _worker_cuda_safe=False, _instances_to_batches=lambda *a, **k: []
    )
    queue = SimpleNamespace(put=lambda item: None, join=lambda: None)
    for worker in (MultiProcessDataLoader._instance_worker, MultiProcessDataLoader._batch_worker):
        worker(loader, 0, queue, Tqdm.get_lock(), None)
    assert ended == [True, True]


def test_a_recovered_run_is_tested_as_the_undisturbed_one(tmp_path):
    shuffled = {"data_loader": {"batch_size": 5, "shuffle": True}, "test_data_path": str(FIXTURES / "test.jsonl")}
    config = small_run(evaluate_on_test=True, validation_data_loader={"batch_size": 4, "shuffle": True}, **shuffled)
    train_model(params(config), str(tmp_path / "run"))
    before = numbers(tmp_path / "run" / "metrics.json")
    assert before["test_loss"] > 0
    for _ in range(2):
        train_model(params(config), str(tmp_path / "run"), recover=True)
        assert numbers(tmp_path / "run" / "metrics.json") == before


def test_applied_again():
    before = [train.train_model, Vocabulary.save_to_files, archive_model, json.dumps]
    apply_fixes()
    assert [train.train_model, Vocabulary.save_to_files, archive_model, json.dumps] == before

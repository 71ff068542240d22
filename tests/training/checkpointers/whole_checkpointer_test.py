import json
import shutil
import zipfile

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.training import Checkpointer

from attention_vat.training import WholeCheckpointer
from tests.training.damage import DAMAGES, damage
from tests.training.runs import params, small_run


def write(directory, epoch, batch, model=True, training=True, cut=None):
    for name, wanted in (("model_state", model), ("training_state", training)):
        path = directory / f"{name}_e{epoch}_b{batch}.th"
        if wanted:
            torch.save({"weights": torch.zeros(1000)}, path)
        if cut == name:
            path.write_bytes(path.read_bytes()[:-300])


def newest(directory):
    files = WholeCheckpointer(str(directory)).find_latest_checkpoint()
    return files and tuple(file.rsplit("state_", 1)[1] for file in files)


def test_goes_back_to_the_last_checkpoint_that_is_whole(tmp_path):
    assert newest(tmp_path) is None
    write(tmp_path, 1, 0)
    write(tmp_path, 1, 5)
    assert newest(tmp_path) == ("e1_b5.th", "e1_b5.th")
    write(tmp_path, 2, 0, training=False)  # killed between the two files
    assert newest(tmp_path) == ("e1_b5.th", "e1_b5.th")
    write(tmp_path, 2, 1, cut="training_state")  # killed while writing
    write(tmp_path, 2, 2, training=False, cut="model_state")
    assert newest(tmp_path) == ("e1_b5.th", "e1_b5.th")
    # What was cut is out of the way: AllenNLP would not write over it.
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "model_state_e1_b0.th",
        "model_state_e1_b5.th",
        "training_state_e1_b0.th",
        "training_state_e1_b5.th",
    ]


def test_registered_name(tmp_path):
    config = Params({"type": "whole", "keep_most_recent_by_count": 3})
    assert isinstance(Checkpointer.from_params(config, serialization_dir=str(tmp_path)), WholeCheckpointer)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Three epochs, of which the second is the best, and the last two checkpoints."""
    directory = tmp_path_factory.mktemp("whole") / "run"
    config = small_run({"checkpointer": {"type": "whole"}, "optimizer": {"type": "fused_adam", "lr": 0.3}})
    train_model(params(config), str(directory))
    assert json.loads((directory / "metrics.json").read_text())["best_epoch"] == 1
    return directory


def copy_of(trained, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(trained, copy)
    return copy


def load(directory):
    state = WholeCheckpointer(str(directory)).load_checkpoint().trainer_state
    return state["epochs_completed"], state["batches_in_epoch_completed"]


def weights(path):
    return {name: value.tolist() for name, value in torch.load(path).items()}


def test_files_of_a_checkpoint(trained, tmp_path):
    names = {path.name for path in trained.iterdir() if "_e" in path.name and "metrics" not in path.name}
    assert names == {
        *("model_state_e2_b0.th", "training_state_e2_b0.th", "checkpoint_e2_b0.json"),
        # The model of epoch 3 is not the best.
        *("model_state_e3_b0.th", "training_state_e3_b0.th", "checkpoint_e3_b0.json", "best_so_far_e3_b0.th"),
    }
    # It takes no space.
    assert (trained / "best_so_far_e3_b0.th").stat().st_ino == (trained / "best.th").stat().st_ino
    copy = copy_of(trained, tmp_path)
    before = sorted(path.name for path in copy.iterdir())
    assert load(copy) == (3, 0)
    assert sorted(path.name for path in copy.iterdir()) == before


@pytest.mark.parametrize("how", [*DAMAGES, "removed"])
@pytest.mark.parametrize("name", ["model_state_e3_b0.th", "training_state_e3_b0.th", "best_so_far_e3_b0.th"])
def test_a_damaged_checkpoint_is_passed_over(trained, tmp_path, caplog, name, how):
    copy = copy_of(trained, tmp_path)
    damage(copy / name, how)
    assert load(copy) == (2, 0)
    # Its own model is the best one then.
    assert weights(copy / "best.th") == weights(trained / "model_state_e2_b0.th") == weights(trained / "best.th")
    assert not list(copy.glob("*_e3_b0.*"))
    assert how == "removed" or "damaged or incomplete" in caplog.text


@pytest.mark.parametrize("how", [*DAMAGES, "removed"])
def test_a_damaged_best_model_is_put_back(trained, tmp_path, how):
    copy = copy_of(trained, tmp_path)
    damage(copy / "best.th", how)
    assert load(copy) == (3, 0)
    assert weights(copy / "best.th") == weights(trained / "best.th")


@pytest.mark.parametrize("how", [*DAMAGES, "removed"])
def test_a_damaged_record_leaves_the_crcs(trained, tmp_path, how):
    copy = copy_of(trained, tmp_path)
    damage(copy / "checkpoint_e3_b0.json", how)
    if how == "changed":  # into something that JSON still understands
        (copy / "checkpoint_e3_b0.json").write_text('{"checkpoint": 1}')
    assert load(copy) == (3, 0)
    assert weights(copy / "best.th") == weights(trained / "best.th")


def test_checkpoints_of_earlier_versions(trained, tmp_path):
    copy = copy_of(trained, tmp_path)
    for path in [*copy.glob("checkpoint_*"), *copy.glob("best_so_far_*")]:
        path.unlink()
    assert load(copy) == (3, 0)
    damage(copy / "best.th", "changed")
    with pytest.raises(ConfigurationError, match=r"best\.th, the model of the best epoch, is damaged or missing"):
        load(copy)
    # From the checkpoint of the best epoch it can be put back.
    damage(copy / "model_state_e3_b0.th", "changed")
    assert load(copy) == (2, 0)
    assert weights(copy / "best.th") == weights(trained / "best.th")


def test_a_checkpoint_that_is_whole_and_cannot_be_loaded(tmp_path):
    write(tmp_path, 1, 0)
    with zipfile.ZipFile(tmp_path / "training_state_e1_b0.th", "w") as archive:
        archive.writestr("archive/data.pkl", b"no pickle")
    with pytest.raises(ConfigurationError, match=r"training_state_e1_b0\.th cannot be loaded .*Remove both"):
        WholeCheckpointer(str(tmp_path)).load_checkpoint()


def test_another_vocabulary_is_refused(trained, tmp_path):
    copy = copy_of(trained, tmp_path)
    (copy / "vocabulary" / "tokens.txt").write_text("@@UNKNOWN@@\n")
    with pytest.raises(ConfigurationError, match=r"tokens\.txt is not the vocabulary that the run was trained with"):
        load(copy)


def test_what_a_kill_left_is_removed(trained, tmp_path):
    copy = copy_of(trained, tmp_path)
    before = sorted(path.name for path in copy.iterdir())
    for name in (".model_state_e4_b0.th.new", "training_state_e1_b0.th", "checkpoint_e4_b0.json"):
        (copy / name).write_bytes(b"half")
    (copy / "model_state_exported.th").write_bytes(b"the user's own")
    load(copy)
    assert sorted(path.name for path in copy.iterdir()) == sorted([*before, "model_state_exported.th"])


@pytest.mark.parametrize(("options", "kept"), [({}, [2, 3]), ({"keep_most_recent_by_age": 3600}, [1, 2, 3])])
def test_what_a_killed_process_was_about_to_remove_is_removed(tmp_path, options, kept):
    for epoch in (1, 2, 3):
        torch.save({"weights": torch.zeros(10)}, tmp_path / f"model_state_e{epoch}_b0.th")
        state = {"epochs_completed": epoch, "batches_in_epoch_completed": 0}
        torch.save({**state, "metric_tracker": {"is_best_so_far": True}}, tmp_path / f"training_state_e{epoch}_b0.th")
    assert WholeCheckpointer(str(tmp_path), keep_most_recent_by_count=2, **options).load_checkpoint() is not None
    assert sorted(tmp_path.glob("model_state*")) == [tmp_path / f"model_state_e{epoch}_b0.th" for epoch in kept]


def test_removing_batch_1_keeps_batch_10(tmp_path):
    for batch in (1, 10):
        write(tmp_path, 0, batch)
    checkpointer = WholeCheckpointer(str(tmp_path))
    checkpointer._remove_checkpoint(0, 1)
    assert newest(tmp_path) == ("e0_b10.th", "e0_b10.th")

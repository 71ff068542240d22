"""A training that is killed at any moment ends as if nothing had happened."""

import shutil

import pytest
from allennlp.commands.train import train_model

from tests.training.moments import every_moment_of
from tests.training.runs import FIXTURES, assert_same_outcome, outcome, params, small_run

AVERAGE = {"type": "exponential", "decay": 0.5}
TEST = {"evaluate_on_test": True, "test_data_path": str(FIXTURES / "validation.jsonl")}


@pytest.mark.parametrize(
    ("config", "best_epoch", "num_epochs", "step"),
    [
        (small_run({"checkpointer": {"type": "whole", "save_every_num_batches": 2}}), 2, 3, 23),
        # The first epoch stays the best, and patience ends the training.
        (small_run({"optimizer": {"type": "fused_adam", "lr": 0.9}, "patience": 1, "num_epochs": 6}, **TEST), 0, 2, 19),
        (
            small_run(
                {"moving_average": AVERAGE, "checkpointer": {"type": "whole", "keep_most_recent_by_count": 1}}, **TEST
            ),
            2,
            3,
            27,
        ),
    ],
    ids=["improving", "early stop", "moving average"],
)
def test_recovery_from_every_moment(tmp_path, config, best_epoch, num_epochs, step):
    with every_moment_of(tmp_path / "run", tmp_path / "moments") as moments:
        train_model(params(config), str(tmp_path / "run"))
    expected = outcome(tmp_path / "run")
    assert expected["metrics.json"]["best_epoch"] == best_epoch
    assert expected["metrics.json"]["epoch"] == num_epochs - 1
    # Recovering what is finished changes nothing.
    shutil.copytree(tmp_path / "run", tmp_path / "moments" / "finished")
    for moment in [*moments[::step], tmp_path / "moments" / "finished"]:
        train_model(params(config), str(moment), recover=True)
        assert_same_outcome(moment, expected, middle_of_epoch=moment.name != "finished")

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.training import WeightSchedule


def test_constant():
    assert [WeightSchedule.from_params(Params({})).factor(step) for step in (0, 10)] == [1.0, 1.0]


def test_linear_warmup():
    schedule = WeightSchedule.from_params(Params({"type": "linear_warmup", "num_steps": 4}))
    assert [schedule.factor(step) for step in range(6)] == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    with pytest.raises(ConfigurationError, match="num_steps is 0"):
        WeightSchedule.from_params(Params({"type": "linear_warmup", "num_steps": 0}))

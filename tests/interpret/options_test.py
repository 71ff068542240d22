import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret import evaluate_attention
from attention_vat.interpret.options import EvaluationOptions
from tests.interpret.made_up import instances
from tests.tiny import tiny_model


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "magic"}, "method is 'magic', but must be one of"),
        ({"output": "loss"}, "output is 'loss', but must be one of"),
        ({"batch_tokens": 0}, "batch_tokens is 0, but must be at least 1"),
        ({"resamples": 0}, "resamples is 0, but must be at least 1"),
        ({"seed": -1}, "seed is -1, but must be at least 0"),
        ({"rationale_fraction": 0}, "rationale_fraction is 0, but must be above 0 and at most 1"),
        ({"rationale_fraction": 1.5}, "rationale_fraction is 1.5, but must be above 0 and at most 1"),
        ({"rationale_fraction": float("nan")}, "rationale_fraction is nan, but must be above 0 and at most 1"),
        ({"iou_threshold": 0.0}, "iou_threshold is 0.0, but must be above 0 and at most 1"),
        ({"iou_threshold": 2}, "iou_threshold is 2, but must be above 0 and at most 1"),
    ],
)
def test_what_is_out_of_range_is_named(options, message):
    with pytest.raises(ConfigurationError, match=f"^{message}"):
        EvaluationOptions(**options)


def test_the_ends_of_the_ranges_are_within():
    data = instances(3, rationales=True)
    ends = {"batch_tokens": 1, "resamples": 1, "seed": 0, "rationale_fraction": 1, "iou_threshold": 1}
    result = evaluate_attention(tiny_model(), data, **ends)
    assert {name: result.settings[name] for name in ends} == ends
    # All words are taken, so all marked ones are among them.
    assert result.metrics["token_f1_micro"].value > 0


def test_an_option_out_of_range_is_told_before_anything_is_read():
    def nothing_may_be_read():
        raise AssertionError
        yield

    with pytest.raises(ConfigurationError, match="seed is -1"):
        evaluate_attention(tiny_model(), nothing_may_be_read(), seed=-1)

import pytest
import torch
from scipy import stats

from attention_vat.interpret import evaluate_attention
from tests.interpret.made_up import batch_of, instance, instances, pair_instance, pair_instances
from tests.tiny import tiny_model, tiny_pair_model


def without(one, position):
    """The instance without a word of the text under attention."""
    name = "premise" if "premise" in one.fields else "tokens"
    words = [token.text for index, token in enumerate(one[name].tokens) if index != position]
    if name == "tokens":
        return instance(words, one["label"].label)
    return pair_instance(words, [token.text for token in one["hypothesis"].tokens], one["label"].label)


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (tiny_model(), instances(6)),
        (tiny_model(num_labels=3), instances(6, num_labels=3)),
        (tiny_pair_model(num_labels=3), pair_instances(6)),
    ],
)
def test_equals_deleting_one_word_after_the_other(model, data):
    result = evaluate_attention(model, data, "leave_one_out", batch_tokens=40, resamples=10)
    for one, found in zip(data, result.sentences):
        before = batch_of(model, [one]).probs[0]
        expected = []
        for position in range(len(found.tokens)):
            change = (batch_of(model, [without(one, position)]).probs[0] - before).abs()
            expected.append(float(change[1] if len(change) == 2 else change.sum()))
        assert found.words["leave_one_out"] == pytest.approx(expected, abs=1e-9)
        if len(expected) >= 3:
            assert found.scores["kendall_leave_one_out"] == pytest.approx(
                stats.kendalltau(found.attention, expected).statistic
            )
            gradient = stats.pearsonr(found.importance_attention_constant, expected)[0]
            assert found.scores["pearson_gradient_leave_one_out"] == pytest.approx(gradient, abs=1e-6)
        else:
            assert found.scores["kendall_leave_one_out"] is None
    estimate = result.metrics["spearman_leave_one_out"]
    assert estimate.sentences + estimate.undefined == len(data)


def test_a_sample():
    result = evaluate_attention(tiny_model(), instances(30), [{"type": "leave_one_out", "sample": 7}], resamples=10)
    chosen = [s for s in result.sentences if "leave_one_out" in s.words]
    assert len(chosen) == 7
    estimate = result.metrics["kendall_leave_one_out"]
    assert estimate.sentences + estimate.undefined == 7
    again = evaluate_attention(
        tiny_model(), instances(30), [{"type": "leave_one_out", "sample": 7}], resamples=10, batch_tokens=20
    )
    assert [s.id for s in again.sentences if s.words] == [s.id for s in chosen]
    assert len({s.id for s in chosen} & {f"s{index}" for index in range(7)}) < 7


def test_boundaries_are_not_deleted():
    model, data = tiny_model(boundary_tokens=1), [instance(["w0", "w1", "w2", "w3", "w4"], "1")]
    result = evaluate_attention(model, data, "leave_one_out", resamples=10)
    before = batch_of(model, data).probs[0, 1]
    expected = [float(abs(batch_of(model, [without(data[0], p)]).probs[0, 1] - before)) for p in (1, 2, 3)]
    assert result.sentences[0].words["leave_one_out"] == pytest.approx(expected, abs=1e-9)


def test_empty_sentences():
    result = evaluate_attention(tiny_model(), [instance([], "1"), instance(["w1"], "1")], "leave_one_out", resamples=10)
    assert [len(s.words["leave_one_out"]) for s in result.sentences] == [0, 1]
    assert result.metrics["pearson_leave_one_out"].undefined == 2
    assert torch.is_grad_enabled()

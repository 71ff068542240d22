import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret import evaluate_attention
from attention_vat.interpret.bootstrap import mean_of
from attention_vat.interpret.measures import (
    AdversarialAttention,
    Columns,
    CurveStatistics,
    HotflipAttack,
    InputReductionAttack,
    LeaveOneOut,
    Measure,
    Permutation,
)
from attention_vat.interpret.measures.measure import generator_of, mean_statistics, sampled_rows
from tests.interpret.made_up import batch_of, instance, instances, sentence
from tests.tiny import tiny_model


class Length(Measure):
    """A measure as a user writes it, who registers nothing."""

    def __init__(self, scale):
        self.scale = scale
        self._cache = None

    def __call__(self, model, batch):
        lengths = [float(len(one.tokens)) for one in batch.sentences]
        return Columns(
            scores={"length": lengths},
            words={"place": batch.rows(batch.mask.cumsum(dim=1).double())},
            series={"lengths": [[length, length * self.scale] for length in lengths]},
            predictions={"always": ["1"] * len(lengths)},
        )

    def statistics(self, sentences, labels, positive_label):
        return mean_statistics(sentences, ["length", "width"])

    def curves(self, sentences):
        points = [mean_of([one.series["lengths"][index] for one in sentences]) for index in (0, 1)]
        return {"lengths": CurveStatistics("scale", [1.0, self.scale], points)}


def test_a_measure_of_ones_own():
    data = instances(7)
    result = evaluate_attention(tiny_model(), data, [Length(3.0)], resamples=10, batch_tokens=20)
    lengths = [len(one["tokens"].tokens) for one in data]
    assert [one.scores["length"] for one in result.sentences] == lengths
    assert [one.words["place"] for one in result.sentences] == [list(range(1, length + 1)) for length in lengths]
    assert result.metrics["length"].value == sum(lengths) / 7
    assert "width" not in result.metrics
    assert [point.value for point in result.curves["lengths"].points] == [sum(lengths) / 7, 3 * sum(lengths) / 7]
    assert result.settings["measures"]["Length"] == {"scale": 3.0}
    assert result.numbers_as_json()["curves"]["lengths"]["x"] == [1.0, 3.0]
    assert {one.predictions["always"] for one in result.sentences} == {"1"}


def test_columns_of_some_sentences():
    some = [sentence(), sentence(), sentence()]
    Columns(scores={"one": [1.0, None]}, words={"two": [[1.0], [2.0]]}, rows=[2, 0]).add_to(some)
    assert [one.scores for one in some] == [{"one": None}, {}, {"one": 1.0}]
    assert [one.words for one in some] == [{"two": [2.0]}, {}, {"two": [1.0]}]
    (statistic,) = mean_statistics(some, ["one"]).values()
    assert (statistic.sentences, statistic.undefined) == (1, 1)


def test_a_sample_does_not_depend_on_batches():
    model, data = tiny_model(), instances(20)
    batch = batch_of(model, data)
    chosen = sampled_rows(batch, 6)
    assert len(chosen) == 6
    assert sampled_rows(batch, None) == sampled_rows(batch, 20) == list(range(20))
    half = batch_of(model, data[:10])
    half.num_sentences = 20
    assert sampled_rows(half, 6) == [row for row in chosen if row < 10]
    assert sampled_rows(batch_of(model, data, seed=1), 6) != chosen


@pytest.mark.parametrize("number", [0, -3])
@pytest.mark.parametrize(
    ("kind", "parameter"),
    [
        (Permutation, "num_permutations"),
        (LeaveOneOut, "sample"),
        (HotflipAttack, "sample"),
        (InputReductionAttack, "sample"),
        (InputReductionAttack, "beam_size"),
        (AdversarialAttention, "sample"),
        (AdversarialAttention, "num_steps"),
        (AdversarialAttention, "num_adversaries"),
    ],
)
def test_numbers_below_one(kind, parameter, number):
    with pytest.raises(ConfigurationError, match=f"^{parameter} is {number}, but must be at least 1.$"):
        kind(**{parameter: number})
    assert getattr(kind(**{parameter: 1}), parameter) == 1


def test_each_sentence_has_numbers_of_its_own():
    batch = batch_of(tiny_model(), [instance(["w1"]), instance(["w1"])])
    first, second = (generator_of(text, batch.options).random(3).tolist() for text in batch.texts)
    assert first != second
    assert first == generator_of(batch.texts[0], batch.options).random(3).tolist()

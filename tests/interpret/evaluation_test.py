import json

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, Instance, Token
from allennlp.data.data_loaders import SimpleDataLoader
from allennlp.data.fields import LabelField, TextField
from scipy import stats
from sklearn import metrics

from attention_vat.interpret import compare_evaluations, evaluate_attention, gradient_importance
from attention_vat.interpret.results import as_json
from tests.interpret.made_up import INDEXERS, evaluations, instance, instances, sentence
from tests.tiny import tiny_model


@pytest.mark.parametrize("num_labels", [2, 3])
def test_each_sentence_equals_a_pass_of_its_own(num_labels):
    model = tiny_model(num_labels=num_labels).eval()
    data = instances(num_labels=num_labels)
    result = evaluate_attention(model, data, batch_tokens=30, resamples=10)
    assert [s.id for s in result.sentences] == [f"s{index}" for index in range(len(data))]
    for one, found in zip(data, result.sentences):
        batch = Batch([one])
        batch.index_instances(model.vocab)
        tensors = batch.as_tensor_dict()
        output = model(**tensors)
        assert found.tokens == one["metadata"]["tokens"]
        assert found.label == one["label"].label
        assert found.probs == pytest.approx(output["probs"][0].tolist())
        assert found.prediction == model.labels[int(output["probs"][0].argmax())]
        assert found.attention == pytest.approx(output["attention"][0].tolist())
        through, constant = (gradient_importance(model, tensors, a)[0].tolist() for a in ("through", "constant"))
        assert found.importance == pytest.approx(through, rel=1e-6, abs=1e-12)
        assert found.importance_attention_constant == pytest.approx(constant, rel=1e-6, abs=1e-12)
        for suffix, importance in (("", through), ("_attention_constant", constant)):
            for name, function in (
                ("pearson", stats.pearsonr),
                ("spearman", stats.spearmanr),
                ("kendall", stats.kendalltau),
            ):
                if len(importance) < 3:
                    assert found.scores[name + suffix] is None
                else:
                    assert found.scores[name + suffix] == pytest.approx(function(found.attention, importance)[0])


def test_summary_equals_the_sentences():
    data = instances(40)
    result = evaluate_attention(tiny_model(), data, resamples=10)
    pearsons = [s.scores["pearson"] for s in result.sentences if s.scores["pearson"] is not None]
    estimate = result.metrics["pearson"]
    assert 0 < len(pearsons) < len(data)
    assert (estimate.sentences, estimate.undefined) == (len(pearsons), len(data) - len(pearsons))
    assert estimate.value == pytest.approx(numpy.mean(pearsons))
    assert estimate.std == pytest.approx(numpy.std(pearsons))
    assert estimate.low <= estimate.value <= estimate.high

    gold, predicted = [s.label for s in result.sentences], [s.prediction for s in result.sentences]
    assert result.positive_label == "1"
    assert result.metrics["accuracy"].value == pytest.approx(metrics.accuracy_score(gold, predicted))
    assert result.metrics["f1"].value == pytest.approx(metrics.f1_score(gold, predicted, pos_label="1"))
    p_values = [s.scores["kendall_p_value"] for s in result.sentences if s.scores["kendall"] is not None]
    assert result.metrics["kendall_significant"].value == pytest.approx(numpy.mean(numpy.array(p_values) <= 0.05))


def literal_eraser(sentences, fraction):
    """Hard scores as `rationale_benchmark/metrics.py` of ERASER defines them, on sets of (sentence, token)."""
    truth, predicted = set(), set()
    for key, s in enumerate(sentences):
        number = int(numpy.ceil(round(fraction * len(s.tokens), 9)))
        chosen = sorted(range(len(s.tokens)), key=lambda i: (-s.attention[i], i))[:number]
        predicted |= {(key, i) for i in chosen}
        truth |= {(key, i) for i, mark in enumerate(s.rationale) if mark}

    def f1(precision, recall):
        return 0 if precision == 0 or recall == 0 else 2 * precision * recall / (precision + recall)

    micro = f1(len(truth & predicted) / len(predicted), len(truth & predicted) / len(truth))
    keys, per_key = {key for key, _ in truth | predicted}, []
    for key in keys:
        gold, guess = ({i for k, i in pairs if k == key} for pairs in (truth, predicted))
        per_key.append(f1(len(gold & guess) / max(1, len(guess)), len(gold & guess) / max(1, len(gold))))

    def spans(tokens):
        starts = sorted(i for i in tokens if i - 1 not in tokens)
        return [{j for j in range(i, i + 1000) if set(range(i, j + 1)) <= tokens} for i in starts]

    hits, num_predicted, num_gold = {}, {}, {}
    for key in range(len(sentences)):
        gold, guess = (spans({i for k, i in pairs if k == key}) for pairs in (truth, predicted))
        hits[key] = sum(any(len(p & t) / len(p | t) >= 0.5 for t in gold) for p in guess)
        num_predicted[key], num_gold[key] = len(guess), len(gold)
    total = sum(hits.values())
    iou_micro = f1(total / sum(num_predicted.values()), total / sum(num_gold.values()))
    precision = numpy.mean([hits[k] / n for k, n in num_predicted.items() if n])
    recall = numpy.mean([hits[k] / n for k, n in num_gold.items() if n])
    return {
        "token_f1_micro": micro,
        "token_f1_macro": numpy.mean(per_key),
        "iou_f1_micro": iou_micro,
        "iou_f1_macro": f1(precision, recall),
    }


@pytest.mark.parametrize("fraction", [None, 0.5])
def test_rationales(fraction):
    data = instances(30, rationales=True) + [instance(["w1", "w2"], "1", rationale=[0, 0])]
    result = evaluate_attention(tiny_model(), data, rationale_fraction=fraction, resamples=10)
    used = numpy.mean([numpy.mean(one["metadata"]["rationale"]) for one in data]) if fraction is None else fraction
    assert result.settings["rationale_fraction"] == pytest.approx(used)
    for name, expected in literal_eraser(result.sentences, used).items():
        assert result.metrics[name].value == pytest.approx(expected), name
    both = [s for s in result.sentences if 0 < sum(s.rationale) < len(s.rationale)]
    expected = numpy.mean([metrics.average_precision_score(s.rationale, s.attention) for s in both])
    assert result.metrics["average_precision"].value == pytest.approx(expected)
    assert result.metrics["average_precision"].undefined == len(data) - len(both)
    assert result.metrics["auprc"].undefined == 0


def test_sentences_without_a_rationale_do_not_count():
    data = instances(10, rationales=True)
    alone = evaluate_attention(tiny_model(), data, rationale_fraction=0.3, resamples=10)
    mixed = evaluate_attention(tiny_model(), data + instances(5), rationale_fraction=0.3, resamples=10)
    for name in ("auprc", "roc_auc", "token_f1_micro", "token_f1_macro", "iou_f1_macro"):
        assert mixed.metrics[name].value == pytest.approx(alone.metrics[name].value)
        assert mixed.metrics[name].undefined == alone.metrics[name].undefined
    assert mixed.sentences[-1].rationale is None
    assert "auprc" not in evaluate_attention(tiny_model(), instances(5), resamples=10).metrics


def test_leaves_the_model_as_it_was():
    model = tiny_model(dropout=0.5)
    for training in (True, False):
        model.train(training)
        first = evaluate_attention(model, instances(), resamples=10)
        assert model.training == training
        # Dropout is off, and the model's own metrics have seen nothing.
        assert first.sentences == evaluate_attention(model, instances(), resamples=10).sentences
        assert "accuracy" not in model.get_metrics()
        assert all(parameter.grad is None for parameter in model.parameters())


def test_global_generators_are_left_alone():
    state, numpy_state = torch.get_rng_state(), numpy.random.get_state()[1].copy()
    model = tiny_model()
    state = torch.get_rng_state()
    evaluate_attention(model, instances(), resamples=10)
    assert torch.equal(torch.get_rng_state(), state)
    assert (numpy.random.get_state()[1] == numpy_state).all()


def test_mode_comes_back_after_an_error():
    model = tiny_model().train()
    with pytest.raises(ConfigurationError):
        evaluate_attention(model, [instance(["w1"], "1"), instance(["w1"], "7")])
    assert model.training


def test_a_data_loader_gives_the_same():
    model, data = tiny_model(), instances()
    loader = SimpleDataLoader(instances(), batch_size=3, vocab=model.vocab)
    loader.index_with(model.vocab)
    assert evaluate_attention(model, loader, resamples=10) == evaluate_attention(model, iter(data), resamples=10)


@pytest.mark.parametrize("batch_tokens", [1, 7, 10_000])
def test_batches_change_nothing(batch_tokens):
    expected = evaluate_attention(tiny_model(), instances(), resamples=10)
    result = evaluate_attention(tiny_model(), instances(), batch_tokens=batch_tokens, resamples=10)
    for one, other in zip(result.sentences, expected.sentences):
        assert one.importance == pytest.approx(other.importance)


def test_batches_hold_no_more_than_asked(monkeypatch):
    model, shapes = tiny_model(), []
    embed = model.embed
    monkeypatch.setattr(
        model, "embed", lambda inputs: shapes.append(inputs["tokens"]["tokens"]["tokens"].shape) or embed(inputs)
    )
    data = instances(50) + [instance(["w1"] * 40, "1")]
    evaluate_attention(model, data, batch_tokens=30, resamples=10)
    assert sum(shape[0] for shape in shapes) == len(data)
    assert all(shape.numel() <= 30 or shape[0] == 1 for shape in shapes)
    assert len(shapes) < 25


def test_sentences_of_other_readers():
    # Without metadata, and without a label.
    text = TextField([Token("w1"), Token("w2"), Token("w3")], INDEXERS)
    data = [Instance({"tokens": text}), Instance({"tokens": text, "label": LabelField(1, skip_indexing=True)})]
    result = evaluate_attention(tiny_model(), data, resamples=10)
    assert [s.id for s in result.sentences] == ["1", "2"]
    assert [s.label for s in result.sentences] == [None, "1"]
    assert result.sentences[0].tokens == ["w1", "w2", "w3"]
    assert result.metrics["accuracy"].sentences == 1
    assert "accuracy" not in evaluate_attention(tiny_model(), data[:1], resamples=10).metrics


def test_empty_sentences():
    data = [instance([], "1", rationale=[]), instance(["w1", "w2", "w3"], "0", rationale=[1, 0, 0])]
    result = evaluate_attention(tiny_model(), data, resamples=10)
    assert result.sentences[0].attention == []
    assert result.sentences[0].scores["pearson"] is None
    assert result.metrics["auprc"].sentences == 1
    only = evaluate_attention(tiny_model(), [instance([], "1")], resamples=10)
    assert only.metrics["pearson"].value is None


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        ([], {}, "no sentences"),
        ([instance(["w1"], "great", id="s7")], {}, "Sentence 's7' has the label 'great'"),
        (
            [instance(["w1", "w2"], "1", id="s7", rationale=[1])],
            {},
            "rationale of sentence 's7' has 1 marks for 2 tokens",
        ),
        ([Instance({"label": LabelField("1")})], {}, "Sentence 1 has no text field"),
    ],
)
def test_errors(data, options, message):
    with pytest.raises(ConfigurationError, match=message):
        evaluate_attention(tiny_model(), data, **options)


def test_comparison():
    first, second = evaluations()
    difference = compare_evaluations(first, second)["pearson"]
    assert difference.value == pytest.approx(second.metrics["pearson"].value - first.metrics["pearson"].value)
    second.sentences[0].id = "other"
    with pytest.raises(ConfigurationError, match="only on the same sentences"):
        compare_evaluations(first, second)


def test_json_of_a_sentence():
    line = as_json(sentence(attention=[1 / 3, float("nan")], label=None, scores={"pearson": None}))
    assert line["attention"] == [0.333333, None]
    assert "label" not in line
    assert json.loads(json.dumps(line, allow_nan=False))["scores"] == {"pearson": None}

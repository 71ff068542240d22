import json

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret import compare_evaluations, evaluate_attention
from attention_vat.interpret.measures import WordsInStates
from attention_vat.interpret.measures.words_in_states import Seen
from attention_vat.interpret.word_information import word_information, word_share
from attention_vat.reports import write_evaluation
from tests.interpret.made_up import batch_of, instance, instances, pair_instances
from tests.tiny import tiny_model, tiny_pair_model

FEW = {"type": "words_in_states", "min_count": 2}


def numbers(model, data, **options):
    result = evaluate_attention(model, data, [{**FEW, **options}], resamples=10)
    return {name: estimate.value for name, estimate in result.metrics.items() if name.startswith("word_")}


@pytest.mark.parametrize("boundary_tokens", [0, 1])
def test_share_of_the_frequent_words(boundary_tokens):
    model, data = tiny_model(boundary_tokens=boundary_tokens), instances(60)
    states, words = [], []
    for one in data:
        clean = batch_of(model, [one]).clean
        mask = clean.encoded.mask[0]
        states.append(clean.encoded.hidden[0][mask].detach().numpy())
        words += [token.text for token, here in zip(one["tokens"].tokens, mask.tolist()) if here]
    counts = {word: words.count(word) for word in words}
    kept = [place for place, word in enumerate(words) if counts[word] >= 2]
    expected = word_share(numpy.concatenate(states)[kept], [hash(words[place]) for place in kept])
    assert numbers(model, data)["word_share"] == pytest.approx(expected, abs=1e-5)


def test_states_that_are_words_and_states_that_are_not():
    words = tiny_model(encoder={"type": "pass_through", "input_dim": 6})
    own, mixed = numbers(words, instances(300)), numbers(tiny_model(), instances(300))
    assert own["word_share"] == pytest.approx(1.0)
    assert mixed["word_share"] < 0.9
    for noise in ("0.5", "1", "2"):
        assert own[f"word_information_{noise}"] > mixed[f"word_information_{noise}"] > 0
        assert abs(own[f"word_information_{noise}_shuffled"]) < 0.2 * own[f"word_information_{noise}"]
        assert 0 < own[f"word_information_{noise}_share"] < 1
    assert own["word_information_0.5"] > own["word_information_1"] > own["word_information_2"]


def test_batches_change_nothing():
    model = tiny_model()
    results = [
        evaluate_attention(model, instances(80), [FEW], resamples=10, batch_tokens=tokens).metrics
        for tokens in (20, 5000)
    ]
    for name, estimate in results[0].items():
        assert estimate.value == pytest.approx(results[1][name].value, abs=1e-5)
    with_limit = numbers(model, instances(80), num_states=100)
    assert with_limit["word_share"] != results[0]["word_share"].value
    assert with_limit == numbers(model, instances(80), num_states=100)


def test_chosen_sentences_in_the_order_of_the_data():
    generator = numpy.random.default_rng(0)
    words = generator.integers(0, 9, (200, 6))
    states = generator.standard_normal((9, 4))[words] + 0.5 * generator.standard_normal((200, 6, 4))
    # Three batches, the last sentences first; word 8 is not among the frequent ones.
    words[words == 8] = numpy.where(generator.random((words == 8).sum()) < 0.9, 7, 8)
    batches = [range(150, 200), range(10, 150), range(10)]
    observed = [
        Seen(
            numpy.concatenate([states[s] for s in batch]),
            [str(w) for s in batch for w in words[s]],
            [s for s in batch for _ in words[s]],
        )
        for batch in batches
    ]
    found = WordsInStates(num_words=8, num_states=300, noise=[0.5]).conclude(observed, seed=3)

    taken, size = [], 0
    for sentence in numpy.random.default_rng(3).permutation(200):
        size += int((words[sentence] < 8).sum())
        if size > 300:
            break
        taken.append(sentence)
    kept = [(s, place) for s in sorted(taken) for place in range(6) if words[s, place] < 8]
    literal = [numpy.array([what[s, place] for s, place in kept]) for what in (states, words)]
    assert found["word_share"] == word_share(*literal)
    information = word_information(*literal, [s for s, _ in kept], 0.5, 3)
    assert found["word_information_0.5"] == information.nats > 0.5


def test_an_evaluation_that_goes_on(tmp_path):
    model, path = tiny_model(), tmp_path / "progress"
    first, again = (evaluate_attention(model, instances(60), [FEW], resamples=10, progress_file=path) for _ in range(2))
    assert again.metrics == first.metrics
    assert again.metrics["word_share"].value is not None


def test_too_little_to_say(tmp_path):
    result = evaluate_attention(tiny_model(), [instance(["w1"], "1"), instance([], "0")], ["words_in_states"])
    assert result.metrics["word_share"].value is None
    write_evaluation(tmp_path / "out", {"model": result}, title="t", data="d")


def test_reports_and_comparisons(tmp_path):
    data, model = pair_instances(40), tiny_pair_model(num_labels=3)
    first, second = (evaluate_attention(m, data, [FEW, "conicity"], resamples=20) for m in (model, model))
    write_evaluation(tmp_path / "out", {"one": first, "two": second}, title="t", data="d")
    written = json.loads((tmp_path / "out" / "metrics.json").read_text())
    text = json.dumps(written)
    assert "word_information_1_share" in text
    assert "Word share" in (tmp_path / "out" / "report.html").read_text()
    compared = compare_evaluations(first, second)
    assert "conicity" in compared
    assert "word_share" not in compared, "there is no interval for it"
    assert torch.is_grad_enabled()


@pytest.mark.parametrize(
    ("options", "problem"), [({"num_words": 0}, "num_words is 0"), ({"noise": [-1.0]}, "noise is")]
)
def test_options_out_of_range(options, problem):
    with pytest.raises(ConfigurationError, match=problem):
        WordsInStates(**options)


def test_the_order_of_the_data_does_not_choose_the_words():
    """Of the equally frequent words at the end of the list, the same ones count."""
    data = instances(60)
    shares = [numbers(tiny_model(), some, num_words=5)["word_share"] for some in (data, data[::-1])]
    assert shares[0] == pytest.approx(shares[1], abs=1e-6)

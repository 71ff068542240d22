import pytest

from attention_vat.interpret.measures import choose_measures
from attention_vat.interpret.options import EvaluationOptions
from attention_vat.interpret.summary import settings_of, summarize
from tests.interpret.made_up import sentence

SENTENCES = [
    sentence(id=str(number), label=label, prediction=prediction, scores={"pearson": pearson})
    for number, (label, prediction, pearson) in enumerate([("1", "1", 0.5), ("0", "1", 0.1), ("0", "0", None)])
]


def summarized(measures, **options):
    chosen = choose_measures(measures)
    return summarize(SENTENCES, ["0", "1"], "1", chosen, EvaluationOptions(**{"resamples": 20, "seed": 1, **options}))


def test_numbers_over_all_sentences_and_by_class():
    found = summarized(["correlation"])
    # One right positive, one false positive.
    assert found.metrics["f1"].value == pytest.approx(2 / 3)
    assert found.metrics["pearson"].value == pytest.approx(0.3)
    assert (found.metrics["pearson"].sentences, found.metrics["pearson"].undefined) == (2, 1)
    assert found.by_prediction["1"]["pearson"].value == pytest.approx(0.3)
    assert "f1" not in found.by_prediction["1"]
    assert found.sentences == SENTENCES and found.labels == ["0", "1"]


def test_the_same_seed_gives_the_same_intervals():
    first, second, other = (summarized(["correlation"], seed=seed) for seed in (1, 1, 2))
    assert first.metrics == second.metrics
    assert first.metrics["pearson"].value == other.metrics["pearson"].value


def test_settings_say_what_was_computed():
    options = EvaluationOptions(method="integrated_gradients", output="logit")
    settings = settings_of(choose_measures([{"type": "permutation", "num_permutations": 7}]), options)
    assert settings["importance"] == "integrated_gradients" and "method" not in settings
    assert settings["measures"]["permutation"]["num_permutations"] == 7

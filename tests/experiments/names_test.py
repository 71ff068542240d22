import pytest

from attention_vat.experiments.experiment import load_experiment
from attention_vat.experiments.matrix import cells_of
from attention_vat.experiments.names import better, corpus_name, measure_name, row_names, technique_name
from tests.experiments.small import ROOT, write_experiment


@pytest.mark.parametrize(
    ("technique", "name"),
    [
        ("vanilla", "Vanilla"),
        ("attention_ivat_semi_supervised", "Attention iVAT †"),
        ("tying+word_at", "Tying + Word AT"),
        ("tying+word_vat_semi_supervised", "Tying + Word VAT †"),
        ("adversarial_self_attention", "ASA"),
        ("masked_language_model", "MLM"),
        ("my_new_thing", "My new thing"),
    ],
)
def test_techniques(technique, name):
    assert technique_name(technique) == name


def test_corpora():
    assert [corpus_name(name) for name in ("sst", "sst_transformer", "babi_1", "my_reviews", "x_transformer_y")] == [
        "SST",
        "SST",
        "bAbI 1",
        "my reviews",
        "x transformer y",
    ]


def test_measures():
    assert measure_name("f1", "sst") == "F1"
    assert measure_name("scores_accuracy@3", "sst") == "Accuracy, perturbed attention scores, at 3"
    assert measure_name("training_seconds", "sst") == "seconds (training)"
    assert (better("f1", "sst"), better("calibration_error", "sst"), better("model_loss", "sst")) == (1, -1, -1)


def test_rows_say_what_tells_them_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    unlabeled = [{"count": 10}, {"count": 2000, "strategy": "bag_of_words"}]
    techniques = ["vanilla", "attention_vat", "attention_vat_semi_supervised"]
    path = write_experiment(tmp_path, techniques=techniques, unlabeled=unlabeled, epsilons=[1.0, 2.5])
    names = row_names(cells_of(load_experiment(path), "data", str(tmp_path / "out")))
    assert names == [
        "Vanilla",
        "Attention VAT, ε = 1",
        "Attention VAT, ε = 2.5",
        "Attention VAT †, random, 10 sentences, ε = 1",
        "Attention VAT †, random, 10 sentences, ε = 2.5",
        "Attention VAT †, near by bag of words, 2,000 sentences, ε = 1",
        "Attention VAT †, near by bag of words, 2,000 sentences, ε = 2.5",
    ]
    assert len(set(names)) == len(names)

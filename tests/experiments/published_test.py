import json
from pathlib import Path

import pytest

from attention_vat.common.configurations import techniques_of
from attention_vat.experiments import published as module
from attention_vat.experiments.configuration import CONFIGS
from attention_vat.experiments.names import corpus_name, technique_name
from attention_vat.experiments.published import metric_of, published
from tests.experiments.small import ROOT

CONTENT = json.loads((Path(module.__file__).parent / "published.json").read_text(encoding="utf-8"))


def test_numbers():
    assert published("prediction", "sst", "vanilla") == 0.7927
    assert published("prediction", "multinli", "attention_ivat_semi_supervised") == 0.6118
    assert published("pearson", "cnn", "word_vat_semi_supervised") == 0.749
    assert published("auprc", "movies", "attention_vat_semi_supervised") == 0.403
    assert published("pearson", "ag_news", "attention_ivat_semi_supervised", "mean_embedding") == 0.957
    # The paper has no supervised virtual technique, and no correlation by Kendall.
    assert published("prediction", "sst", "attention_vat") is None
    assert published("kendall", "sst", "vanilla") is None


def test_every_row_is_complete_and_has_a_configuration():
    tables = CONTENT["tables"]
    for measure in ("prediction", "pearson"):
        assert len(tables[measure]) == 9
        assert {len(row) for row in tables[measure].values()} == {6}
    corpora = {corpus for rows in tables.values() for row in rows.values() for corpus in row} - {"movies"}
    techniques = {corpus: techniques_of(ROOT / CONFIGS, corpus) for corpus in corpora}
    for rows in tables.values():
        for technique, row in rows.items():
            for corpus, value in row.items():
                assert 0 < value < 1
                assert corpus == "movies" or technique in techniques[corpus]


@pytest.mark.parametrize(
    "corpus, metric", [("sst", "f1"), ("cnn", "accuracy"), ("snli", "micro_f1"), ("new", "accuracy")]
)
def test_the_measure_of_a_corpus(corpus, metric):
    assert metric_of("prediction", corpus) == metric
    assert metric_of("kendall", corpus) == "kendall"


def test_names():
    assert technique_name("attention_ivat_semi_supervised") == "Attention iVAT †"
    assert [technique_name(name) for name in ("vanilla", "word_at", "attention_rp")] == [
        "Vanilla",
        "Word AT",
        "Attention RP",
    ]
    assert [corpus_name(name) for name in ("sst", "babi_2", "my_own")] == ["SST", "bAbI 2", "my own"]

import math

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.experiment import Search, load_experiment
from attention_vat.experiments.matrix import candidate_epsilons, cells_of
from tests.experiments.small import PARAMETERS, ROOT, write_experiment


@pytest.fixture(autouse=True)
def in_repository(monkeypatch):
    monkeypatch.chdir(ROOT)


def cells(tmp_path, **fields):
    return cells_of(load_experiment(write_experiment(tmp_path, **fields)), "data", str(tmp_path / "out"))


def test_dimensions_belong_to_techniques(tmp_path):
    unlabeled = [{"count": 10}, {"count": 20, "strategy": "bag_of_words"}]
    techniques = ["vanilla", "attention_vat", "attention_vat_semi_supervised"]
    found = cells(tmp_path, techniques=techniques, unlabeled=unlabeled, epsilons=[1.0, 2.0], seeds=[0, 1, 2])
    assert [cell.row for cell in found] == [
        "vanilla",
        "attention_vat epsilon 1",
        "attention_vat epsilon 2",
        "attention_vat_semi_supervised random 10 epsilon 1",
        "attention_vat_semi_supervised random 10 epsilon 2",
        "attention_vat_semi_supervised bag_of_words 20 epsilon 1",
        "attention_vat_semi_supervised bag_of_words 20 epsilon 2",
    ]
    assert all(cell.candidates == [] and len(cell.final_runs()) == 3 for cell in found)
    assert [run.config["pytorch_seed"] for run in found[1].final_runs()] == [0, 1, 2]
    assert len({run.name for cell in found for run in cell.final_runs()}) == 21


def test_a_candidate_is_the_final_run_of_its_seed(tmp_path):
    (cell,) = cells(tmp_path, techniques=["attention_at"], search={"num_samples": 3}, seeds=[0, 1])
    epsilons = [run.epsilon for run in cell.candidates]
    assert all(run.test_data is None for run in cell.candidates)
    final = cell.final_runs(epsilons[1])
    assert [run.name == cell.candidates[1].name for run in final] == [True, False]
    assert final[0].config["model"]["regularizers"][0]["epsilon"] == epsilons[1]
    # With fewer epochs they are runs of their own.
    search = {"num_samples": 3, "parameters": {"num_epochs": 1}}
    (cell,) = cells(tmp_path, techniques=["attention_at"], search=search)
    assert cell.candidates[1].config["trainer"]["num_epochs"] == 1
    assert cell.final_runs(epsilons[1])[0].config["trainer"]["num_epochs"] == 2


def test_vanilla_is_not_searched(tmp_path):
    found = cells(tmp_path, techniques=["vanilla", "word_at"], search={"num_samples": 2})
    assert [len(cell.candidates) for cell in found] == [0, 2]


def test_candidates_cover_the_range_and_more_samples_keep_the_first():
    search = Search(num_samples=40, low=0.01, high=30.0, seed=3)
    epsilons = candidate_epsilons(search)
    assert all(0.0099 < epsilon < 30.1 for epsilon in epsilons)
    # As many in each tenth of the logarithmic range, give or take one.
    tenths = [int(10 * math.log(epsilon / 0.01) / math.log(3000)) for epsilon in epsilons]
    assert all(3 <= tenths.count(tenth) <= 5 for tenth in range(10))
    assert candidate_epsilons(Search(num_samples=7, seed=3)) == epsilons[:7]
    assert candidate_epsilons(Search(num_samples=7, seed=4)) != epsilons[:7]


def test_names_and_test_data(tmp_path):
    test = tmp_path / "other.jsonl"
    test.write_text("")
    (cell,) = cells(tmp_path, techniques=["vanilla"], names={"example": "films"}, test_data={"example": str(test)})
    assert (cell.column, cell.test_data()) == ("films", str(test))


def test_the_same_cell_twice(tmp_path):
    parts = [{"techniques": ["vanilla"]}, {"techniques": ["vanilla"], "seeds": [4]}]
    with pytest.raises(ConfigurationError, match="Two parts of the experiment have example/vanilla"):
        cells(tmp_path, parts=parts)


def test_missing_data_is_named_before_any_work(tmp_path):
    with pytest.raises(
        ConfigurationError, match=r"sst/vanilla needs .*nowhere/sst/train.jsonl.*make-dataset.*--data-dir"
    ):
        experiment = load_experiment(write_experiment(tmp_path, corpora=["sst"], techniques=["vanilla"]))
        cells_of(experiment, str(tmp_path / "nowhere"), str(tmp_path / "out"))


def test_mean_embedding_needs_vectors(tmp_path):
    unlabeled = [{"count": 10, "strategy": "mean_embedding"}]
    with pytest.raises(ConfigurationError, match="'mean_embedding' needs parameters.vectors.file"):
        cells(tmp_path, techniques=["word_vat_semi_supervised"], unlabeled=unlabeled)


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"test_data": {"example": "fixtures"}}, "example/vanilla needs .*fixtures, which does not exist"),
        ({"parameters": {"nope": 1}}, "parameters: nope is not a hidden field"),
        ({"search": {"num_samples": 2, "parameters": {"nope": 1}}}, "parameters: nope is not a hidden field"),
        (
            {"search": {"num_samples": 2, "parameters": {"vectors": {"file": "no.txt", "dim": 6}}}},
            "example/attention_at needs .*no.txt, which does not exist",
        ),
    ],
)
def test_what_is_wrong_with_any_run_is_found_before_all(tmp_path, fields, message):
    with pytest.raises(ConfigurationError, match=message):
        cells(tmp_path, **{"techniques": ["vanilla", "attention_at"], **fields})


def test_what_labels_are_called_is_nothing_of_a_run(tmp_path):
    names = {"label_names": {"0": "bad", "1": "good"}}
    runs = [
        cells(tmp_path, techniques=["vanilla"], parameters={**PARAMETERS, **parameters})[0].final_runs()[0]
        for parameters in ({}, names, {"label_names": None}, {"hidden_size": 3})
    ]
    assert runs[0].config["model"]["label_names"] == {"0": "negative", "1": "positive"}
    assert runs[1].config["model"]["label_names"] == {"0": "bad", "1": "good"}
    assert "label_names" not in runs[2].config["model"]
    assert [run.name == runs[0].name for run in runs] == [True, True, True, False]

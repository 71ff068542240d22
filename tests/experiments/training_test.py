"""Experiments with models whose attention is not read."""

import csv
import json

import pytest
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.experiment import load_experiment
from attention_vat.experiments.names import better, measure_name, technique_name
from tests.experiments.small import ROOT, write_experiment

PARAMETERS = {"encoder_name": "fixtures/tiny_bert", "num_epochs": 1, "warmup_steps": 1}
TINY = {"dataset_reader.max_instances": 6}


def numbers(monkeypatch, tmp_path, *options, **fields):
    """The values of each row and measure, from the spreadsheet."""
    monkeypatch.chdir(ROOT)
    file = write_experiment(tmp_path, **{"parameters": PARAMETERS, "overrides": TINY, "seeds": [0, 1], **fields})
    command = ["allennlp", "reproduce", str(file), "--output-dir", str(tmp_path / "out"), "--num-cpus", "1", *options]
    monkeypatch.setattr("sys.argv", command)
    main()
    with open(tmp_path / "out" / "tiny" / "table.csv", newline="") as lines:
        return {(row["technique"], row["measure"]): row["values"].split() for row in csv.DictReader(lines)}


def test_beside_the_measures_of_attention(monkeypatch, tmp_path, capsys):
    found = numbers(
        monkeypatch,
        tmp_path,
        corpora=["example_transformer"],
        techniques=["vanilla", "random_attention_mask"],
        overrides={**TINY, "model.load_weights": False},
        evaluation=["model", "correlation"],
        measures=["accuracy", "model_accuracy", "training_kept_share", "training_seconds", "training_memory"],
    )
    assert found["vanilla", "model_accuracy"] == found["vanilla", "accuracy"]
    assert found["vanilla", "training_kept_share"] == []
    assert all(0 < float(share) < 1 for share in found["random_attention_mask", "training_kept_share"])
    assert all(float(seconds) > 0 for seconds in found["vanilla", "training_seconds"])
    assert all(float(memory) > 50 for memory in found["vanilla", "training_memory"])
    table = (tmp_path / "out" / "tiny" / "table.md").read_text()
    assert "Random mask" in table
    assert "kept share (training)" in table


def test_of_a_regression(monkeypatch, tmp_path):
    rows = [
        {"premise": ["a", "man"], "hypothesis": ["a", "plane", "b"][: 1 + place % 3], "score": float(place % 5)}
        for place in range(6)
    ]
    folder = tmp_path / "data" / "stsb"
    folder.mkdir(parents=True)
    for name in ("train", "validation", "test"):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = numbers(
        monkeypatch,
        tmp_path,
        "--data-dir",
        str(tmp_path / "data"),
        corpora=["stsb_transformer"],
        techniques=["vanilla"],
        evaluation=["model"],
        measures=["model_spearman", "model_mae"],
        parameters={**PARAMETERS, "embedding_dim": 16},
        overrides={**TINY, "model.model.text_field_embedder.token_embedders.tokens.load_weights": False},
    )
    (result, _) = [json.loads(line) for line in (tmp_path / "out" / "tiny" / "results.jsonl").read_text().splitlines()]
    assert found["vanilla", "model_spearman"][0] == repr(result["test"]["model_spearman"])
    assert len(found["vanilla", "model_mae"]) == 2
    assert result["test"]["model_mae"] == pytest.approx(result["validation"]["mae"], abs=1e-5), "the same sentences"


def test_a_metric_of_the_model_needs_it_to_be_computed(tmp_path):
    file = write_experiment(tmp_path, techniques=["vanilla"], measures=["model_accuracy"])
    with pytest.raises(ConfigurationError, match="measures has 'model_accuracy', which needs 'model' in evaluation"):
        load_experiment(file)


def test_names():
    assert technique_name("adversarial_self_attention_cell") == "ASA, R a mean"
    assert technique_name("r_drop_semi_supervised") == "R-Drop †"
    assert technique_name("tying+attention_vat_semi_supervised") == "Tying + Attention VAT †"
    assert technique_name("self_attention_ivat") == "Self attention iVAT"
    assert measure_name("model_entity_f1", "wnut17") == "entity f1"
    assert measure_name("training_kept_share", "sst") == "kept share (training)"
    assert [better(name, "sst") for name in ("model_entity_f1", "model_loss", "training_kept_share")] == [1, -1, 0]

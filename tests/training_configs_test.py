"""Every shipped configuration is evaluated, instantiated and trained a few steps, on the example's data."""

import json
from pathlib import Path

import pytest
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.models import load_archive

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "fixtures" / "example"
CONFIGS = sorted(path for path in (ROOT / "training_configs").rglob("*.jsonnet"))
NAMES = [str(path.relative_to(ROOT / "training_configs")) for path in CONFIGS]


def small(path, **overrides):
    """The configuration with the example's data, small sizes and one short epoch."""
    params = Params.from_file(
        str(path),
        {
            "train_data_path": str(EXAMPLE / "train.jsonl"),
            "validation_data_path": str(EXAMPLE / "validation.jsonl"),
            "dataset_reader.max_instances": 40,
            "trainer.num_epochs": 1,
            **overrides,
        },
    )
    for callback in params["trainer"]["callbacks"]:
        if "unlabeled_data_path" in callback:
            callback["unlabeled_data_path"] = str(EXAMPLE / "unlabeled.jsonl")
    return params


def test_there_is_a_configuration_for_each_corpus_and_technique():
    techniques = ["vanilla", "attention_vat", "attention_ivat", "attention_vat_semi_supervised"]
    techniques.append("attention_ivat_semi_supervised")
    assert {f"{corpus}/{name}.jsonnet" for corpus in ("example", "sst") for name in techniques} <= set(NAMES)


@pytest.mark.parametrize("path", CONFIGS, ids=NAMES)
def test_trains(path, tmp_path):
    train_model(small(path), str(tmp_path))
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    technique = path.stem
    assert ("training_kl_labeled" in metrics) == ("vat" in technique)
    assert ("training_kl_unlabeled" in metrics) == ("semi_supervised" in technique)
    assert 0 <= metrics["validation_f1"] <= 1
    archived = load_archive(tmp_path / "model.tar.gz").model
    assert len(archived.regularizers) == (0 if technique == "vanilla" else 1)


def test_pretrained_vectors_are_one_parameter(tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("the 1 2 3 4\nfilm 5 6 7 8\n")
    config = tmp_path / "config.jsonnet"
    base = ROOT / "training_configs" / "sst" / "attention_ivat.jsonnet"
    config.write_text(f"(import '{base}') + {{ vectors:: {{ file: '{vectors}', dim: 4 }} }}")
    model = train_model(small(config, **{"trainer.optimizer.lr": 0.0}), str(tmp_path / "model"))
    embedding = model.text_field_embedder.token_embedder_tokens.weight
    index = model.vocab.get_token_index("film")
    assert embedding[index].tolist() == [5.0, 6.0, 7.0, 8.0]


def test_data_and_seed_are_parameters_of_a_file(tmp_path):
    config = tmp_path / "config.jsonnet"
    base = ROOT / "training_configs" / "sst" / "attention_ivat_semi_supervised.jsonnet"
    config.write_text(
        f"(import '{base}')"
        "+ { data_dir:: '/data/mine', unlabeled_pool:: '/data/pool.jsonl', seed:: 7, num_epochs:: 2 }"
    )
    params = Params.from_file(str(config))
    assert params["train_data_path"] == "/data/mine/train.jsonl"
    assert params["trainer"]["callbacks"][0]["unlabeled_data_path"] == "/data/pool.jsonl"
    assert params["pytorch_seed"] == 7
    assert params["trainer"]["num_epochs"] == 2

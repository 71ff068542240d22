"""AllenNLP's own tests of a model, and the readers of AllenNLP and allennlp-models."""

import json
from pathlib import Path

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.testing import ModelTestCase
from allennlp.models import load_archive

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"


class TestSingleSequenceAttention(ModelTestCase):
    def setup_method(self):
        super().setup_method()
        self.set_up_model(
            str(FIXTURES / "experiments" / "single_sequence.jsonnet"), str(FIXTURES / "example" / "train.jsonl")
        )

    def test_it_trains_and_loads(self):
        self.ensure_model_can_train_save_and_load(self.param_file, cuda_device=-1)

    def test_predictions_do_not_depend_on_the_batch(self):
        self.ensure_batch_predictions_are_consistent()

    def test_human_readable_predictions(self):
        output = self.model.forward_on_instances(list(self.instances)[:3])
        for instance, prediction in zip(self.instances, output):
            assert prediction["tokens"] == [token.text for token in instance["tokens"]]
            assert len(prediction["attention"]) == len(prediction["tokens"])
            assert prediction["label"] in prediction["labels"] == self.model.labels
            assert prediction["probs"].sum() == pytest.approx(1.0)


class TestPairSequenceAttention(ModelTestCase):
    def setup_method(self):
        super().setup_method()
        self.set_up_model(str(FIXTURES / "experiments" / "pair_sequence.jsonnet"), str(FIXTURES / "pairs.jsonl"))

    def test_it_trains_and_loads(self):
        self.ensure_model_can_train_save_and_load(self.param_file, cuda_device=-1)

    def test_predictions_do_not_depend_on_the_batch(self):
        self.ensure_batch_predictions_are_consistent()


def train_on(tmp_path, reader, data, experiment="single_sequence"):
    params = Params.from_file(
        str(FIXTURES / "experiments" / f"{experiment}.jsonnet"),
        {"train_data_path": str(data), "validation_data_path": str(data), "data_loader.batch_size": 2},
    )
    params["dataset_reader"] = reader
    model = train_model(params, str(tmp_path / "model"))
    return model, json.loads((tmp_path / "model" / "metrics.json").read_text())


def test_trains_from_text_classification_json(tmp_path):
    reader = {"type": "text_classification_json", "tokenizer": "whitespace"}
    model, metrics = train_on(tmp_path, reader, FIXTURES / "text_classification.jsonl")
    assert model.labels[model.positive_index] == "pos"
    assert metrics["training_kl_labeled"] >= 0


@pytest.mark.parametrize(("granularity", "classes"), [("2-class", 2), ("5-class", 5)])
def test_trains_from_sst_tokens(tmp_path, granularity, classes):
    pytest.importorskip("allennlp_models.classification")
    trees = tmp_path / "trees.txt"
    trees.write_text("".join(f"({label} (2 a) ({label} film))\n" for label in range(5)))
    model, _ = train_on(tmp_path, {"type": "sst_tokens", "granularity": granularity}, trees)
    assert model.num_labels == classes
    # The archive predicts, although this reader keeps no words.
    from allennlp.predictors import Predictor

    prediction = Predictor.from_archive(load_archive(tmp_path / "model")).predict("a film, beautiful")
    assert prediction["tokens"] == ["a", "film", "beautiful"]
    assert sum(prediction["attention"]) == pytest.approx(1.0)


def test_trains_from_the_snli_reader(tmp_path):
    pytest.importorskip("allennlp_models.pair_classification")
    pairs = [json.loads(line) for line in (FIXTURES / "pairs.jsonl").read_text().splitlines()]
    lines = [
        {"gold_label": p["label"], "sentence1": " ".join(p["premise"]), "sentence2": " ".join(p["hypothesis"])}
        for p in pairs
    ]
    (tmp_path / "snli.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    reader = {"type": "snli", "tokenizer": "whitespace"}
    model, metrics = train_on(tmp_path, reader, tmp_path / "snli.jsonl", "pair_sequence")
    assert sorted(model.labels) == ["contradiction", "entailment", "neutral"]
    assert metrics["training_kl_labeled"] >= 0
    from allennlp.predictors import Predictor

    prediction = Predictor.from_archive(load_archive(tmp_path / "model")).predict("a man sleeps", "nobody sleeps")
    assert prediction["tokens"] == ["a", "man", "sleeps"]
    assert prediction["label"] in model.labels


def test_deterministic_with_the_same_seed(tmp_path):
    weights = []
    for name in ("first", "second"):
        params = Params.from_file(str(FIXTURES / "experiments" / "single_sequence.jsonnet"))
        for key in ("train_data_path", "validation_data_path"):
            params[key] = str(FIXTURES.parent / params[key])
        weights.append(train_model(params, str(tmp_path / name)).state_dict())
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])

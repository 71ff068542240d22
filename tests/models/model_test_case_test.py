"""AllenNLP's own tests of a model, and the readers of AllenNLP and allennlp-models."""

import json
from pathlib import Path

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.common.testing import ModelTestCase
from allennlp.models import load_archive

from attention_vat.interpret import evaluate_archive

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


def train_on(tmp_path, reader, data, experiment="single_sequence", **overrides):
    paths = {"train_data_path": str(data), "validation_data_path": str(data), "data_loader.batch_size": 2}
    params = Params.from_file(str(FIXTURES / "experiments" / f"{experiment}.jsonnet"), {**paths, **overrides})
    params["dataset_reader"] = reader
    model = train_model(params, str(tmp_path / "model"))
    return model, json.loads((tmp_path / "model" / "metrics.json").read_text())


def test_trains_from_text_classification_json(tmp_path):
    reader = {"type": "text_classification_json", "tokenizer": "whitespace"}
    model, metrics = train_on(tmp_path, reader, FIXTURES / "text_classification.jsonl")
    assert model.labels[model.positive_index] == "pos"
    assert metrics["training_kl_labeled"] >= 0


@pytest.mark.parametrize("loader", ["multiprocess", "flat"])
def test_labels_that_are_numbers(tmp_path, loader):
    lines = [{"text": f"{word} film", "label": label} for label, word in enumerate(("dull", "fine", "odd"))] * 2
    (tmp_path / "data.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    reader = {"type": "text_classification_json", "tokenizer": "whitespace", "skip_label_indexing": True}
    options = {"model.num_labels": 3, "data_loader.type": loader}
    model, metrics = train_on(tmp_path, reader, tmp_path / "data.jsonl", **options)
    assert model.labels == ["0", "1", "2"]
    assert 0 <= metrics["validation_accuracy"] <= 1
    from allennlp.predictors import Predictor

    predictor = Predictor.from_path(str(tmp_path / "model" / "model.tar.gz"))
    prediction = predictor.predict("fine zanzibar")
    assert (prediction["labels"], prediction["tokens"]) == (["0", "1", "2"], ["fine", "zanzibar"])
    result = evaluate_archive(tmp_path / "model", str(tmp_path / "data.jsonl"), resamples=10)
    assert [sentence.label for sentence in result.sentences] == ["0", "1", "2"] * 2
    assert {sentence.prediction for sentence in result.sentences} <= {"0", "1", "2"}
    with pytest.raises(
        ConfigurationError, match=r"has the label '7', but the model was trained with \['0', '1', '2'\]"
    ):
        predictor._model.forward_on_instance(predictor._dataset_reader.text_to_instance("fine", 7))


@pytest.mark.parametrize("where", ["train_data_path", "validation_data_path"])
def test_another_class_for_a_model_of_an_archive(tmp_path, where):
    data = [{"text": f"{word} film", "label": word} for word in ("dull", "fine", "odd")] * 2
    for name, lines in (("two", [line for line in data if line["label"] != "odd"]), ("three", data)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    train_on(tmp_path, {"type": "single_sequence"}, tmp_path / "two.jsonl")
    params = Params.from_file(str(FIXTURES / "experiments" / "single_sequence.jsonnet")).as_dict()
    paths = {"train_data_path": str(tmp_path / "two.jsonl"), "validation_data_path": str(tmp_path / "two.jsonl")}
    paths[where] = str(tmp_path / "three.jsonl")
    model = {"type": "from_archive", "archive_file": str(tmp_path / "model" / "model.tar.gz")}
    again = Params({**params, **paths, "model": model})
    with pytest.raises(
        ConfigurationError, match=r"The data has the label 'odd', but the model was .*\['dull', 'fine'\]"
    ):
        train_model(again, str(tmp_path / "again"))


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
    # This reader takes strings only, and knows of no candidates.
    predictor = Predictor.from_archive(load_archive(tmp_path / "model"))
    assert predictor.predict(["a", "man", "sleeps"], ["nobody", "sleeps"]) == prediction
    with pytest.raises(ConfigurationError, match='"candidates" need the reader pair_sequence'):
        predictor.predict("a man sleeps", "nobody sleeps", candidates=["neutral"])


def test_deterministic_with_the_same_seed(tmp_path):
    weights = []
    for name in ("first", "second"):
        params = Params.from_file(str(FIXTURES / "experiments" / "single_sequence.jsonnet"))
        for key in ("train_data_path", "validation_data_path"):
            params[key] = str(FIXTURES.parent / params[key])
        weights.append(train_model(params, str(tmp_path / name)).state_dict())
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])

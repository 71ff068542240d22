"""Every number among the metrics is one."""

import json
import math

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import dump_metrics
from allennlp.data import DataLoader, DatasetReader
from allennlp.evaluation import SimpleEvaluator
from allennlp.models import Model
from allennlp.training import util as training_util
from allennlp.training.metric_tracker import MetricTracker

import attention_vat.models.attention_classifier as attention_classifier
from attention_vat.common.metric_fixes import NotFinite
from tests.training.runs import params, small_run


def sentences(path, num_sentences=12, labels=True):
    lines = []
    for number in range(num_sentences):
        label = {"label": str(number % 2)} if labels else {}
        lines.append(json.dumps({"tokens": ["w", f"n{number}"], "id": f"s{number}", **label}))
    path.write_text("".join(line + "\n" for line in lines))
    return str(path)


def run(tmp_path, trainer=(), **top):
    """Without the callback, and in the order of the file."""
    options = {"callbacks": [], "num_epochs": 1, **dict(trainer)}
    paths = {"train_data_path": sentences(tmp_path / "train.jsonl")}
    paths["validation_data_path"] = sentences(tmp_path / "validation.jsonl")
    loader = {"batch_size": 3}
    return small_run(options, **{**paths, "data_loader": loader, "validation_data_loader": loader, **top})


def test_metrics_are_json(tmp_path, caplog):
    metrics = {"loss": math.inf, "pearson": math.nan, "tensor": -math.inf, "f1": 0.5, "duration": "0:01", "none": None}
    dump_metrics(str(tmp_path / "metrics.json"), metrics, log=True)
    text = (tmp_path / "metrics.json").read_text()
    found = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert found == {"f1": 0.5, "duration": "0:01", "none": None}
    assert "loss is inf, which JSON cannot represent" in caplog.text
    with pytest.raises(TypeError):
        dump_metrics(str(tmp_path / "metrics.json"), {"object": object()})
    assert (tmp_path / "metrics.json").read_text() == text


def losses(monkeypatch, value, at_batch):
    """A loss that is no number in one batch."""
    original, count = attention_classifier.AttentionClassifier.sentence_losses, [0]

    def sentence_losses(self, logits, label):
        count[0] += self.training
        result = original(self, logits, label)
        return result + value if self.training and count[0] == at_batch else result

    monkeypatch.setattr(attention_classifier.AttentionClassifier, "sentence_losses", sentence_losses)


@pytest.mark.parametrize(("value", "word"), [(math.nan, "NaN"), (math.inf, "infinite")])
def test_a_loss_that_is_no_number_names_its_batch(tmp_path, monkeypatch, value, word):
    losses(monkeypatch, value, at_batch=2)
    message = (
        f"The loss is {word} in epoch 0, batch 2, which contains id s3; id s4; id s5. If these instances are correct"
    )
    with pytest.raises(NotFinite, match=message):
        train_model(params(run(tmp_path)), str(tmp_path / "out"))
    assert not list((tmp_path / "out").glob("model_state*"))


@pytest.mark.parametrize(("value", "shown"), [(math.nan, "w n9"), (math.inf, "w n6")])
def test_without_ids_it_has_words(tmp_path, monkeypatch, value, shown):
    losses(monkeypatch, value, at_batch=4)
    config = run(
        tmp_path,
        {"num_gradient_accumulation_steps": 2},
        data_loader={"type": "flat", "fields": ["tokens", "label"], "batch_size": 3},
    )
    # A NaN is known to be of one batch, an infinite sum to be of those of the step.
    with pytest.raises(NotFinite, match=f'batch 2, which contains "{shown}"; '):
        train_model(params(config), str(tmp_path / "out"))


def test_weights_that_are_no_numbers_are_not_saved(tmp_path):
    # One step, after which there is no other loss to look at.
    optimizer = {"type": "sgd", "lr": 1e30, "weight_decay": 1e30}
    config = run(tmp_path, {"optimizer": optimizer}, data_loader={"batch_size": 12})
    with pytest.raises(NotFinite, match="After epoch 0 weights of .* are NaN or infinite"):
        train_model(params(config), str(tmp_path / "out"))
    assert not list((tmp_path / "out").glob("*.th"))


def test_a_training_without_batches(tmp_path):
    config = run(tmp_path, data_loader={"batch_size": 100, "drop_last": True}, validation_data_loader={"batch_size": 3})
    with pytest.raises(ConfigurationError, match="train_data_path: the training data has no batches"):
        train_model(params(config), str(tmp_path / "out"))


@pytest.mark.parametrize(("metric", "name"), [("-loss", "loss"), ("+f1", "f1")])
def test_selection_by_what_is_not_there(tmp_path, metric, name):
    unlabeled = sentences(tmp_path / "unlabeled.jsonl", labels=False)
    config = run(tmp_path, {"validation_metric": metric}, validation_data_path=unlabeled)
    message = f'validation_metric is ".{name}", but validation reported no {name}; it reported nothing.* have labels'
    with pytest.raises(ConfigurationError, match=message):
        train_model(params(config), str(tmp_path / "out"))
    # With the callback it is known before training.
    config["trainer"]["callbacks"] = ["virtual_adversarial_training"]
    message = f"validation_metric is {name}, but no sentence of the validation data has a label: .*unlabeled.jsonl"
    with pytest.raises(ConfigurationError, match=message):
        train_model(params(config), str(tmp_path / "with callback"))
    assert not list((tmp_path / "with callback").glob("metrics*"))


def test_a_validation_without_labels_has_no_label_metrics(tmp_path):
    config = run(tmp_path, {"callbacks": ["attention_correlation"], "validation_metric": "-attention_undefined"})
    config["validation_data_path"] = sentences(tmp_path / "unlabeled.jsonl", labels=False)
    train_model(params(config), str(tmp_path / "out"))
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    of_validation = {name for name in metrics if name.startswith("validation_")}
    assert of_validation <= {"validation_attention_pearson", "validation_attention_undefined"}


def test_evaluating_without_labels_gives_no_numbers(tmp_path):
    train_model(params(run(tmp_path)), str(tmp_path / "out"))
    model = Model.from_archive(str(tmp_path / "out" / "model.tar.gz"))
    reader = DatasetReader.by_name("single_sequence")()
    path = sentences(tmp_path / "unlabeled.jsonl", labels=False)
    loader = DataLoader.by_name("multiprocess")(reader, path, batch_size=4)
    loader.index_with(model.vocab)
    assert SimpleEvaluator()(model, loader, metrics_output_file=str(tmp_path / "metrics.json")) == {}
    assert json.loads((tmp_path / "metrics.json").read_text()) == {}


def test_a_mean_over_no_batches_is_absent():
    class Silent(torch.nn.Module):
        def get_metrics(self, reset):
            return {"mine": 1.0}

    assert training_util.get_metrics(Silent(), 0.0, 0.0, None, None, num_batches=0) == {"mine": 1.0}
    metrics = training_util.get_metrics(Silent().eval(), 4.0, 2.0, math.inf, 0.5, num_batches=2)
    assert metrics == {"mine": 1.0, "loss": 2.0, "reg_loss": 1.0, "batch_loss": math.inf, "batch_reg_loss": 0.5}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_selection_by_what_is_no_number(value):
    tracker = MetricTracker("+pearson")
    tracker.add_metrics({"pearson": 0.5})
    with pytest.raises(NotFinite, match=f"pearson of the validation data is {value}"):
        tracker.add_metrics({"pearson": value})

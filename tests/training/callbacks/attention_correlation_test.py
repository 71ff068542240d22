import json

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.evaluation import evaluate_archive
from attention_vat.training.callbacks import AttentionCorrelationCallback


def experiment(directory, callback, epochs=2, **trainer):
    rows = [{"tokens": [f"w{(i * j) % 7}" for j in range(1, 4 + i % 4)], "label": str(i % 2)} for i in range(12)]
    # No correlation is defined for two words.
    rows.append({"tokens": ["w1", "w2"], "label": "1"})
    path = directory / "data.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return Params(
        {
            "dataset_reader": {"type": "single_sequence"},
            "train_data_path": str(path),
            "validation_data_path": str(path),
            "model": {
                "type": "single_sequence_attention",
                "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}},
                "encoder": {"type": "lstm", "input_size": 4, "hidden_size": 3, "bidirectional": True},
                "dropout": 0.3,
            },
            "data_loader": {"batch_size": 4},
            "trainer": {
                "optimizer": {"type": "adam", "lr": 0.05},
                "num_epochs": epochs,
                "callbacks": [callback],
                **trainer,
            },
        }
    )


@pytest.mark.parametrize(
    ("options", "name", "method"),
    [
        ({}, "pearson", "gradient_x_input"),
        ({"measure": "kendall", "attention": "constant", "method": "gradient_norm"}, "kendall", "gradient_norm"),
    ],
)
def test_selects_the_best_epoch_by_what_an_evaluation_gives(tmp_path, options, name, method):
    callback = {"type": "attention_correlation", **options}
    params = experiment(tmp_path, callback, epochs=4, validation_metric=f"+attention_{name}")
    model = train_model(params, str(tmp_path / "out"))
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    epochs = [json.loads((tmp_path / "out" / f"metrics_epoch_{epoch}.json").read_text()) for epoch in range(4)]
    values = [epoch[f"validation_attention_{name}"] for epoch in epochs]
    assert len(set(values)) == 4
    assert metrics["best_epoch"] == values.index(max(values))
    assert metrics["best_validation_attention_undefined"] == 1
    assert not any(key.startswith("training_attention") for key in epochs[0])
    assert model.validation_metrics == {}
    result = evaluate_archive(tmp_path / "out", str(tmp_path / "data.jsonl"), method=method, resamples=5)
    suffix = "_attention_constant" if options.get("attention") == "constant" else ""
    assert result.metrics[name + suffix].value == pytest.approx(max(values), abs=1e-5)


def test_training_is_the_same_with_and_without(tmp_path):
    weights = []
    for number, callback in enumerate(["attention_correlation", "track_epoch_callback"]):
        (tmp_path / str(number)).mkdir()
        model = train_model(experiment(tmp_path / str(number), {"type": callback}), str(tmp_path / str(number) / "out"))
        weights.append(model.state_dict())
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())


def test_errors(tmp_path):
    with pytest.raises(ConfigurationError, match="measure is 'magic'"):
        AttentionCorrelationCallback(str(tmp_path), measure="magic")
    with pytest.raises(ConfigurationError, match="method is 'magic'"):
        AttentionCorrelationCallback(str(tmp_path), method="magic")
    params = experiment(tmp_path, {"type": "attention_correlation"})
    params["model"] = {
        "type": "basic_classifier",
        "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}},
        "seq2vec_encoder": {"type": "bag_of_embeddings", "embedding_dim": 4},
    }
    with pytest.raises(ConfigurationError, match="needs one of attention_vat's models, not BasicClassifier"):
        train_model(params, str(tmp_path / "out"))

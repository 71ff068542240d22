import json

import pytest
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.models import load_archive
from allennlp.predictors import Predictor
from scipy import stats

TINY_BERT = "fixtures/tiny_bert"
SCORES = [0.0, 1.5, 3.0, 5.0, 4.5, 2.0]


@pytest.fixture
def trained(tmp_path):
    lines = [
        {"premise": "the film is good", "hypothesis": "a film " + "is bad " * number, "score": score}
        for number, score in enumerate(SCORES)
    ]
    data = tmp_path / "data.jsonl"
    data.write_text("\n".join(map(json.dumps, lines)))
    embedder = {"type": "pretrained_transformer_mismatched", "model_name": TINY_BERT, "load_weights": False}
    config = {
        "dataset_reader": {
            "type": "transformer_text",
            "regression": True,
            "token_indexers": {"tokens": {"type": "transformer_words", "model_name": TINY_BERT}},
        },
        "train_data_path": str(data),
        "validation_data_path": str(data),
        "model": {
            "type": "regularized",
            "model": {
                "type": "text_pair_regressor",
                "text_field_embedder": {"token_embedders": {"tokens": embedder}},
                "seq2vec_encoder": {"type": "boe", "embedding_dim": 16, "averaged": True},
            },
            "regularizers": [{"type": "adversarial_self_attention"}],
        },
        "data_loader": {"batch_size": 3},
        "validation_data_loader": {"batch_size": 4},
        "trainer": {"optimizer": "adam", "num_epochs": 2, "validation_metric": "+pearson"},
    }
    train_model(Params(config), str(tmp_path / "run"))
    return tmp_path / "run", lines


def test_metrics_are_those_of_scipy(trained):
    directory, lines = trained
    predictor = Predictor.from_archive(load_archive(directory / "model.tar.gz"))
    predictions = predictor.predict_batch_json(
        [{key: line[key] for key in ("premise", "hypothesis")} for line in lines]
    )
    found = [prediction["score"] for prediction in predictions]
    metrics = json.loads((directory / "metrics.json").read_text())
    best = json.loads((directory / f"metrics_epoch_{metrics['best_epoch']}.json").read_text())
    assert best["validation_pearson"] == pytest.approx(stats.pearsonr(found, SCORES)[0], abs=1e-4)
    assert best["validation_spearman"] == pytest.approx(stats.spearmanr(found, SCORES)[0], abs=1e-4)
    errors = [abs(number - score) for number, score in zip(found, SCORES)]
    assert best["validation_mae"] == pytest.approx(sum(errors) / len(errors), abs=1e-4)
    assert best["training_kept_share"] > 0


def test_without_scores_there_are_no_metrics(trained):
    model = load_archive(trained[0] / "model.tar.gz").model
    assert not {"pearson", "spearman", "mae"} & set(model.get_metrics())

import json

import pytest
from allennlp.commands.evaluate import evaluate_from_archive
from allennlp.commands.train import train_model
from allennlp.common import Params, cached_transformers
from allennlp.common.checks import ConfigurationError
from allennlp.models import load_archive

TINY_BERT = "fixtures/tiny_bert"
LINES = [
    (["the", "film", "New", "York"], ["O", "O", "B-place", "I-place"]),
    (["Rome"], ["B-place"]),
    (["a", "good", "film"], ["O", "O", "O"]),
    (["in", "New", "York", "and", "Rome"], ["O", "B-place", "I-place", "O", "B-place"]),
]


def write(path, lines):
    path.write_text("\n".join(json.dumps({"tokens": words, "tags": tags}) for words, tags in lines))
    return str(path)


def config(data, **model):
    embedder = {"type": "pretrained_transformer_mismatched", "model_name": TINY_BERT, "load_weights": False}
    indexer = {"type": "pretrained_transformer_mismatched", "model_name": TINY_BERT}
    return {
        "dataset_reader": {"type": "word_tags", "token_indexers": {"tokens": indexer}},
        "train_data_path": data,
        "validation_data_path": data,
        "model": {
            "type": "regularized",
            "model": {
                "type": "word_tagger",
                "text_field_embedder": {"token_embedders": {"tokens": embedder}},
                "encoder": {"type": "pass_through", "input_dim": 16},
                **model,
            },
            "regularizers": [{"type": "adversarial_self_attention"}],
        },
        "data_loader": {"batch_size": 2, "shuffle": True},
        "trainer": {
            "optimizer": {"type": "adam", "lr": 0.01},
            "num_epochs": 12,
            "validation_metric": "+entity_f1",
        },
    }


@pytest.fixture(autouse=True)
def _encoder_of_its_own():
    """Not one of an earlier test, whose random weights AllenNLP keeps: training would depend on the order of tests."""
    cached_transformers._clear_caches()


def entities(tags):
    """An entity begins with B, or with an I that continues nothing, as in CoNLL's script. There is a single type."""
    found, start = set(), None
    for place, tag in enumerate([*tags, "O"]):
        if start is not None and not tag.startswith("I-"):
            found.add((start, place))
            start = None
        if tag.startswith("B-") or (tag.startswith("I-") and start is None):
            start = place
    return found


def test_both_scores_are_what_its_predictions_say(tmp_path):
    data = write(tmp_path / "data.jsonl", LINES)
    train_model(Params(config(data)), str(tmp_path / "run"))
    metrics = evaluate_from_archive(str(tmp_path / "run" / "model.tar.gz"), data)
    assert not [name for name in metrics if "-" in name]
    archive = load_archive(tmp_path / "run" / "model.tar.gz")
    found = [output["tags"] for output in archive.model.forward_on_instances(list(archive.dataset_reader.read(data)))]
    gold = [tags for _, tags in LINES]
    assert [len(tags) for tags in found] == [len(tags) for tags in gold], "none for padding"
    words = [(a, b) for mine, theirs in zip(found, gold) for a, b in zip(mine, theirs)]
    right = sum(a == b != "O" for a, b in words)
    counted = sum(a != "O" for a, _ in words) + sum(b != "O" for _, b in words)
    assert metrics["token_f1"] == pytest.approx(2 * right / counted)
    spans = [(entities(mine), entities(theirs)) for mine, theirs in zip(found, gold)]
    right = sum(len(mine & theirs) for mine, theirs in spans)
    counted = sum(len(mine) + len(theirs) for mine, theirs in spans)
    assert metrics["entity_f1"] == pytest.approx(2 * right / counted)
    assert metrics["entity_f1"] != metrics["token_f1"]


def test_a_score_over_nothing_is_absent(tmp_path):
    data = write(tmp_path / "data.jsonl", LINES)
    model = train_model(Params(config(data)), str(tmp_path / "run"))
    model.get_metrics(reset=True)
    assert not [name for name in model.get_metrics() if name.startswith(("entity", "token"))]


def test_tags_without_o_are_refused(tmp_path):
    data = write(tmp_path / "data.jsonl", [(["Rome"], ["B-place"])])
    with pytest.raises(ConfigurationError, match="word_tagger: no word is tagged O, only B-place."):
        train_model(Params(config(data)), str(tmp_path / "run"))

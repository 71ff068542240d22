import json
from pathlib import Path

import pytest
from allennlp.commands import main
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.predictors import Predictor

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    directory = tmp_path_factory.mktemp("archive")
    params = Params.from_file(str(ROOT / "fixtures" / "experiments" / "single_sequence.jsonnet"))
    for key in ("train_data_path", "validation_data_path"):
        params[key] = str(ROOT / params[key])
    train_model(params, str(directory / "model"))
    return str(directory / "model" / "model.tar.gz")


@pytest.fixture(scope="module")
def predictor(archive):
    return Predictor.from_path(archive)


def test_text_and_words_give_the_same(predictor):
    from_text = predictor.predict("The film isn't dull!")
    from_words = predictor.predict(["the", "film", "is", "n", "t", "dull"])
    assert from_text["tokens"] == ["the", "film", "is", "n", "t", "dull"]
    assert from_text == from_words
    assert set(from_text) >= {"label", "probs", "labels", "tokens", "attention"}
    assert sum(from_text["probs"]) == pytest.approx(1.0)
    assert sum(from_text["attention"]) == pytest.approx(1.0)
    assert from_text["label"] == max(zip(from_text["probs"], from_text["labels"]))[1]


def test_a_batch_gives_what_single_sentences_give(predictor):
    sentences = [{"sentence": text} for text in ("A fine film.", "", "dull", "film " * 200, "\0 \U0001f600 سلام")]
    together = predictor.predict_batch_json(sentences)
    for sentence, output in zip(sentences, together):
        alone = predictor.predict_json(sentence)
        assert alone["label"] == output["label"]
        assert alone["tokens"] == output["tokens"]
        assert alone["attention"] == pytest.approx(output["attention"], abs=1e-6)
        assert alone["probs"] == pytest.approx(output["probs"], abs=1e-6)
    assert together[1]["tokens"] == together[1]["attention"] == []


@pytest.mark.parametrize("broken", [{}, {"sentence": 3}, {"sentence": ["a", 1]}, {"text": 3}])
def test_broken_input(predictor, broken):
    with pytest.raises(ConfigurationError, match='Each input needs a "sentence"'):
        predictor.predict_json(broken)


def predict(monkeypatch, archive, *arguments):
    monkeypatch.setattr("sys.argv", ["allennlp", "predict", archive, *map(str, arguments), "--silent"])
    main()


def test_from_the_command_line(monkeypatch, archive, tmp_path):
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"sentence": "A fine film."}\n{"sentence": ["dull"]}\n')
    output = tmp_path / "predictions.jsonl"
    predict(monkeypatch, archive, questions, "--output-file", output, "--batch-size", 2)
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert [line["tokens"] for line in lines] == [["a", "fine", "film"], ["dull"]]


def test_with_the_dataset_reader(monkeypatch, archive, tmp_path):
    output = tmp_path / "predictions.jsonl"
    data = ROOT / "fixtures" / "example" / "test.jsonl"
    predict(monkeypatch, archive, data, "--use-dataset-reader", "--output-file", output)
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert len(lines) == 20  # the experiment's max_instances
    first = json.loads(data.read_text(encoding="utf-8").splitlines()[0])
    assert lines[0]["tokens"] == first["tokens"]


def test_lines_of_the_data(predictor):
    expected = predictor.predict("a fine film")
    line = {"id": "test-1", "tokens": ["a", "fine", "film"], "label": "1"}
    assert predictor.predict_json(line) == {**expected, "id": "test-1", "gold_label": "1"}
    first, second, third = predictor.predict_batch_json([line, {"text": "a fine film"}, {"sentence": "", "id": 3}])
    assert (first["id"], first["gold_label"]) == ("test-1", "1")
    assert first["tokens"] == second["tokens"]
    assert "id" not in second
    assert third["id"] == 3

import json
import sys

import pytest
from allennlp.commands import main
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.commands.make_config import ENCODERS, TECHNIQUES, make_config


def data(folder, is_pair=False, labels=("good", "bad"), unlabeled=False):
    folder.mkdir(parents=True, exist_ok=True)
    for split, number in (("train", 8), ("validation", 4), ("test", 4)):
        texts = [["a", "word", str(i)] for i in range(number)]
        rows = [{"premise": t, "hypothesis": t[:2]} if is_pair else {"tokens": t} for t in texts]
        for place, row in enumerate(rows):
            row["label"] = labels[place % len(labels)]
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if unlabeled:
        rows = [{"premise": ["a"], "hypothesis": ["b"]} if is_pair else {"tokens": ["a", "b"]}] * 6
        (folder / "unlabeled.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.mark.parametrize("technique", TECHNIQUES)
@pytest.mark.parametrize("is_pair", [False, True])
def test_what_is_written_trains(technique, is_pair, tmp_path):
    folder = data(tmp_path / "a folder's data", is_pair, unlabeled=True)
    encoder = ENCODERS[len(technique) % 2]
    make_config(tmp_path / "my.jsonnet", folder, technique, encoder)
    config = Params.from_file(tmp_path / "my.jsonnet").as_dict(quiet=True)
    assert [r["type"] for r in config["model"]["regularizers"]] == ([] if technique == "none" else technique.split("+"))
    assert config["model"]["encoder"]["type"] == encoder
    assert ("callbacks" in config["trainer"]) is (technique not in ("none", "attention_at", "word_at"))
    config["trainer"]["num_epochs"] = 1
    config["data_loader"]["batch_sampler"]["batch_size"] = 4
    train_model(Params(config), str(tmp_path / "run"))
    assert (tmp_path / "run" / "model.tar.gz").exists()


def test_no_unlabeled_text(tmp_path):
    make_config(tmp_path / "my.jsonnet", data(tmp_path / "data", labels="abc"), "word_vat")
    config = Params.from_file(tmp_path / "my.jsonnet").as_dict(quiet=True)
    assert "callbacks" not in config["trainer"]
    assert config["model"]["regularizers"] == [{"type": "word_vat", "epsilon": 0.1}]


@pytest.mark.parametrize("header", ["", "2 3\n"])
def test_pretrained_vectors(header, tmp_path):
    (tmp_path / "vectors.txt").write_text(header + "a 1 2 3\nword 4 5 6\n")
    folder = data(tmp_path / "data")
    make_config(tmp_path / "my.jsonnet", folder, "tying+word_at", vectors=tmp_path / "vectors.txt")
    config = Params.from_file(tmp_path / "my.jsonnet").as_dict(quiet=True)
    embedding = config["model"]["text_field_embedder"]["token_embedders"]["tokens"]
    assert embedding["embedding_dim"] == config["model"]["encoder"]["input_size"] == 3
    assert embedding["pretrained_file"] == str(tmp_path / "vectors.txt")
    assert config["model"]["regularizers"][1] == {"type": "word_at", "epsilon": 0.3}
    (tmp_path / "vectors.txt").write_text("no\nvectors\n")
    with pytest.raises(ConfigurationError, match="its second line is not a word with its vector"):
        make_config(tmp_path / "other.jsonnet", folder, vectors=tmp_path / "vectors.txt")


def test_the_command(monkeypatch, capsys, tmp_path):
    folder = data(tmp_path / "data")
    command = ["allennlp", "make-config", str(tmp_path / "my.jsonnet"), "--data-dir", str(folder)]
    monkeypatch.setattr(sys, "argv", command)
    main()
    assert "train it by: attention-vat train" in capsys.readouterr().out
    before = (tmp_path / "my.jsonnet").read_text()
    with pytest.raises(SystemExit, match="exists; choose another name, or add --force to replace it"):
        main()
    monkeypatch.setattr(sys, "argv", [*command, "--technique", "none", "-f"])
    main()
    assert (tmp_path / "my.jsonnet").read_text() != before


def test_questions_on_a_terminal(monkeypatch, tmp_path):
    folder = data(tmp_path / "data")
    answers = iter([str(folder), "", "gru"])
    monkeypatch.setattr(sys, "argv", ["allennlp", "make-config", str(tmp_path / "my.jsonnet")])
    monkeypatch.setattr(sys, "stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    main()
    config = Params.from_file(tmp_path / "my.jsonnet").as_dict(quiet=True)
    assert config["model"]["encoder"]["type"] == "gru"
    assert [r["type"] for r in config["model"]["regularizers"]] == ["tying", "word_at"]


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"technique": "attention_vatt"}, "there is no technique 'attention_vatt' here; did you mean 'attention_vat'"),
        ({"encoder": "cnn"}, "there is no encoder 'cnn' here; choose from lstm, gru"),
        ({"data_dir": "nowhere"}, "nowhere holds no train.jsonl; make it with make-dataset"),
    ],
)
def test_what_is_refused(changes, message, tmp_path):
    with pytest.raises(ConfigurationError, match=message):
        make_config(tmp_path / "my.jsonnet", **{"data_dir": data(tmp_path / "data"), **changes})
    assert not (tmp_path / "my.jsonnet").exists()


def test_data_that_is_no_json(tmp_path):
    folder = data(tmp_path / "data")
    (folder / "train.jsonl").write_text("broken\n")
    with pytest.raises(ConfigurationError, match=r"train.jsonl:1: is not a JSON object"):
        make_config(tmp_path / "my.jsonnet", folder)

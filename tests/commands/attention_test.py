import io
import json
import shutil

import pytest
import torch
from allennlp.commands import main
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import archive_model

from attention_vat.commands.attention import predict_lines
from tests.commands.evaluate_attention_test import make_archive
from tests.tiny import tiny_pair_model


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return make_archive(tmp_path_factory.mktemp("archives") / "vanilla", seed=0)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    directory = tmp_path_factory.mktemp("pairs") / "pairs"
    directory.mkdir()
    parts = {
        "type": "pair_sequence_attention",
        "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 6}}},
        "encoder": {"type": "lstm", "input_size": 6, "hidden_size": 5, "bidirectional": True},
    }
    config = {"dataset_reader": {"type": "pair_sequence"}, "model": parts, "train_data_path": "none"}
    Params(config).to_file(str(directory / "config.json"))
    tiny = tiny_pair_model(shared=True, num_labels=3, dtype=torch.float32)
    tiny.vocab.save_to_files(str(directory / "vocabulary"))
    torch.save(tiny.state_dict(), directory / "weights.th")
    archive_model(directory, weights="weights.th")
    return directory / "model.tar.gz"


@pytest.fixture()
def run(monkeypatch, capsys):
    def call(*arguments, stdin=None):
        monkeypatch.setattr("sys.argv", ["allennlp", "attention", *map(str, arguments)])
        if stdin is not None:
            stdin = stdin if isinstance(stdin, bytes) else stdin.encode("utf-8")
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin), "ascii"))
        main()
        return capsys.readouterr().out

    return call


def test_a_sentence(run, archive):
    lines = run(archive, "w1 w2 w3").splitlines()
    assert lines[0][0] in "01"
    assert [word.split("(")[0] for word in lines[1].split()] == ["w1", "w2", "w3"]
    assert "%)" in lines[1]
    assert lines[-1].startswith("(n%)")


def test_names_of_classes(run, archive, tmp_path):
    names = ["-o", json.dumps({"model.label_names": {"0": "negative", "1": "<positive>"}})]
    plain = json.loads(run(archive, "w1 w2 w3", "--json"))
    named = json.loads(run(archive, "w1 w2 w3", "--json", *names))
    name = {"0": "negative", "1": "<positive>"}[plain["label"]]
    assert (named["label"], named["label_name"]) == (plain["label"], name)
    assert run(archive, "w1 w2 w3", "--html", tmp_path / "page.html", *names).startswith(f"{name} (0.")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "negative (0." in page and "&lt;positive&gt; (0." in page


def test_lines_on_standard_input(run, archive):
    stdin = 'w1 w2\n\n{"sentence": ["w3"]}\n{"tokens": ["w4", "w5"], "label": "1"}\n'
    rows = [json.loads(line) for line in run(archive, "-", "--json", stdin=stdin).splitlines()]
    assert [row["tokens"] for row in rows] == [["w1", "w2"], ["w3"], ["w4", "w5"]]
    assert set(rows[0]) == {"label", "labels", "probs", "tokens", "attention"}
    assert rows[1]["attention"] == [1.0]


def test_the_same_in_batches_of_any_size(archive):
    lines = ["w1 w2 w3", "w4", "w5 w6"]
    for one, other in zip(predict_lines([archive], lines, batch_size=1), predict_lines([archive], lines)):
        assert one["vanilla"]["attention"] == pytest.approx(other["vanilla"]["attention"], abs=1e-6)


def test_a_pair(run, pairs):
    by_option = run(pairs, "w1 w2 w3", "--query", "w4 w5")
    assert by_option.splitlines()[1] == "given: w4 w5"
    assert run(pairs, '{"premise": "w1 w2 w3", "hypothesis": ["w4", "w5"]}') == by_option


def test_a_forgotten_sentence_is_not_an_archive(run, archive):
    with pytest.raises(SystemExit, match="model.tar.gz stands where the sentence is expected; add one after the arch"):
        run(archive, archive)


def test_several_models_and_a_page(run, archive, tmp_path):
    shutil.copytree(archive.parent, tmp_path / "other")
    page = tmp_path / "page.html"
    shown = run(archive, "w1 w2", "--html", page, "--compare", tmp_path / "other")
    assert [line.split(":")[0] for line in shown.splitlines() if ": " in line][:2] == ["vanilla", "other"]
    assert "other: <b>" in page.read_text()
    with pytest.raises(SystemExit, match="page.html exists; choose another file, or add --force"):
        run(archive, "w3", "--html", page)
    run(archive, "w3", "--html", page, "--force", "--json")
    assert "other" not in page.read_text()
    assert run(archive, tmp_path / "other", "w1 w2") == run(archive, "w1 w2", "--compare", tmp_path / "other")
    rows = run(archive, "w1", "--json", "--compare", tmp_path / "other").splitlines()
    assert [json.loads(row)["model"] for row in rows] == ["vanilla", "other"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (['{"text": 3}'], 'Each input needs a "sentence"'),
        (["w1", "--query", "w2"], "This model reads one text; leave out --query"),
    ],
)
def test_broken_input(run, archive, arguments, message):
    with pytest.raises(SystemExit, match=f"allennlp attention: {message}"):
        run(archive, *arguments)


def test_what_a_pair_needs(run, pairs, tmp_path):
    with pytest.raises(SystemExit, match="This model reads two texts: give the second one by --query"):
        run(pairs, "w1")
    with pytest.raises(SystemExit, match="There is no archive .*none"):
        run(tmp_path / "none", "w1")


def test_text_is_text_unless_it_is_an_object(archive):
    texts = ["{nonsense w1", '{"a": 1} w1', "[1, 2] w1", '"w1"', "{link} w1"]
    rows = [row["vanilla"] for row in predict_lines([archive], [*texts, '{"text": "w1"}'])]
    assert [row["tokens"][-1] for row in rows] == ["w1"] * 6
    assert [len(row["tokens"]) for row in rows] == [2, 3, 3, 1, 2, 1]


def test_an_empty_text_has_a_prediction(run, archive, pairs):
    assert run(pairs, " ", "--query", "w1").splitlines()[1:3] == ["given: w1", "(no words)"]
    rows = list(predict_lines([archive], ["w1", "", "w2"]))
    assert [row["vanilla"]["tokens"] for row in rows] == [["w1"], [], ["w2"]]


def test_one_line_does_not_take_the_answers_of_others(run, archive, capsys, tmp_path):
    stdin = b'\xef\xbb\xbfw1 w2\n\n{"text": 3}\nw3 caf\xe9\n{"sentence": "w4 \\ud83d"}\n{link} w5\n'
    with pytest.raises(SystemExit, match="^allennlp attention: 2 of the lines have no answer.$"):
        run(archive, "-", "--json", "--html", tmp_path / "page.html", stdin=stdin)
    out, err = capsys.readouterr()
    assert [json.loads(line)["tokens"] for line in out.splitlines()] == [["w1", "w2"], ["w4"], ["link", "w5"]]
    assert 'allennlp attention: line 3: Each input needs a "sentence"' in err
    assert "allennlp attention: line 4: This is not UTF-8 text" in err
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<article>") == 3
    assert "ud83d" not in page
    # From Python, the first one that has no answer ends it.
    with pytest.raises(ConfigurationError, match='^line 2: Each input needs a "sentence"'):
        list(predict_lines([archive], ["w1", '{"text": 3}']))


def test_an_argument_in_another_encoding(run, archive):
    with pytest.raises(SystemExit, match="The sentence is not utf-8 text; convert it first"):
        run(archive, b"caf\xe9".decode("utf-8", "surrogateescape"))


def test_a_model_whose_weights_are_no_numbers(run, archive, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(archive.parent, broken)
    (broken / "model.tar.gz").unlink()
    weights = torch.load(broken / "weights.th")
    weights["decoder.bias"][:] = float("nan")
    torch.save(weights, broken / "weights.th")
    archive_model(broken, weights="weights.th")
    with pytest.raises(SystemExit, match="allennlp attention: .* contain NaN or infinite values"):
        run(broken / "model.tar.gz", "w1")


def test_serve_takes_archives_alone(run, archive, monkeypatch):
    calls = []

    def serve(archives, *arguments):
        calls.append((archives, *arguments[:4]))
        arguments[4]("http://127.0.0.1:8000/")

    monkeypatch.setattr("attention_vat.serve.serve", serve)
    assert run(archive, "--serve") == "Page: http://127.0.0.1:8000/ (Ctrl-C ends it)\n"
    assert json.loads(run(archive, "b", "--serve", "--compare", "c", "--data", "d", "--port", 9, "--json"))
    assert calls == [([str(archive)], None, 8000, -1, ""), ([str(archive), "b", "c"], "d", 9, -1, "")]
    for arguments, message in (
        ([archive, "w1", "--data", "d"], "--data belongs to --serve"),
        ([archive, "--serve", "--html", "x.html"], "do not belong to --serve"),
        ([archive, "--serve", "--query", "x"], "do not belong to --serve"),
    ):
        with pytest.raises(SystemExit, match=message):
            run(*arguments)
    with pytest.raises(SystemExit):
        run(archive)

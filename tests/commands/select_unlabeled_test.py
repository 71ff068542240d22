import json
import sys

import pytest
from allennlp.commands import main

LABELED, POOL = "fixtures/example/train.jsonl", "fixtures/example/unlabeled.jsonl"


def run(monkeypatch, *arguments, labeled=LABELED, pool=POOL):
    files = ("--labeled", labeled, "--pool", pool)
    monkeypatch.setattr(sys, "argv", ["allennlp", "select-unlabeled", *map(str, files), *map(str, arguments)])
    main()


def selection(directory):
    return json.loads((directory / "selection.json").read_text(encoding="utf-8"))


@pytest.fixture
def vectors(tmp_path):
    path = tmp_path / "v.txt"
    path.write_text("movie 1 0 0\nfilm 1 0.1 0\nactor 0 1 0\nending 0 0 1\nwonderful 0 1 1\n", encoding="utf-8")
    return path


def test_random(monkeypatch, capsys, tmp_path):
    run(monkeypatch, "--output-dir", tmp_path / "out", "--neighbors", 2, "--seed", 7)
    assert len((tmp_path / "out" / "unlabeled.jsonl").read_text(encoding="utf-8").splitlines()) == 2000
    assert selection(tmp_path / "out")["strategy"] == {"type": "random", "seed": 7}
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == f"2,000 of 4,500 sentences written to {tmp_path / 'out'}"


def test_nearest_neighbors(monkeypatch, capsys, tmp_path):
    strategy = ("--strategy", "nearest_neighbors", "--count", 100)
    run(monkeypatch, "--output-dir", tmp_path / "out", *strategy, "--embedding", "bag_of_words")
    made = selection(tmp_path / "out")
    assert made["strategy"]["representation"] == {"type": "bag_of_words"}
    assert made["counts"]["selected"] == 100
    mean = made["distances"]["mean"]
    assert capsys.readouterr().out.splitlines()[-1] == f"mean distance to the nearest labelled sentence: {mean}"
    before = (tmp_path / "out" / "unlabeled.jsonl").read_text(encoding="utf-8")
    run(monkeypatch, "--output-dir", tmp_path / "out", *strategy, "--force")
    assert (tmp_path / "out" / "unlabeled.jsonl").read_text(encoding="utf-8") == before, "the default"


def test_mean_embedding(monkeypatch, tmp_path, vectors):
    options = ("--strategy", "nearest_neighbors", "--embedding", "mean_embedding", "--vectors", vectors, "--count", 100)
    run(monkeypatch, "--output-dir", tmp_path / "exact", *options, "--exact")
    assert selection(tmp_path / "exact")["strategy"]["exact"] is True
    pytest.importorskip("voyager")
    run(monkeypatch, "--output-dir", tmp_path / "index", *options)
    strategy = selection(tmp_path / "index")["strategy"]
    assert strategy["exact"] is False
    assert strategy["representation"] == {"type": "mean_embedding", "vectors": str(vectors)}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--count", "4501"], "4501 sentences were asked for, but fixtures/example/unlabeled.jsonl has only 4500"),
        (["--neighbors", "0"], "--neighbors must be at least 1, not 0"),
        (["--embedding", "bag_of_words"], "--strategy random takes no --embedding, --vectors and --exact"),
        (["--strategy", "nearest_neighbors", "--embedding", "mean_embedding"], "needs --vectors FILE"),
        (["--strategy", "nearest_neighbors", "--vectors", "v.txt"], "--embedding bag_of_words takes no --vectors"),
        (
            ["--strategy", "nearest_neighbors", "--embedding", "mean_embedding", "--vectors", "no.txt", "--exact"],
            "no.txt: no such file; check --vectors",
        ),
    ],
)
def test_errors_are_one_sentence_and_leave_nothing(monkeypatch, tmp_path, options, problem):
    with pytest.raises(SystemExit) as exit_info:
        run(monkeypatch, *options, "--output-dir", tmp_path / "out")
    message = str(exit_info.value)
    assert message.startswith("allennlp select-unlabeled: ")
    assert problem in message
    assert "\n" not in message
    assert list(tmp_path.iterdir()) == []


def test_files_are_named_in_errors(monkeypatch, tmp_path):
    (tmp_path / "pool.jsonl").write_text('{"text": "fine"}\n[]\n')
    with pytest.raises(SystemExit, match="pool.jsonl:2: is not a JSON object"):
        run(monkeypatch, "--output-dir", tmp_path / "out", pool=tmp_path / "pool.jsonl")
    with pytest.raises(SystemExit, match="nowhere.jsonl: no such file"):
        run(monkeypatch, "--output-dir", tmp_path / "out", labeled="nowhere.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["pool.jsonl"]


def test_without_voyager(monkeypatch, tmp_path, vectors):
    monkeypatch.setitem(sys.modules, "voyager", None)
    options = ("--strategy", "nearest_neighbors", "--embedding", "mean_embedding", "--vectors", vectors)
    with pytest.raises(SystemExit, match="pip install voyager"):
        run(monkeypatch, "--output-dir", tmp_path / "out", *options)

import json
import subprocess
import sys
from pathlib import Path

import pytest
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from attention_vat.commands.make_dataset import make_dataset
from tests.stacks import on_modern_stack


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["allennlp", "make-dataset", *map(str, arguments)])
    main()


def test_sentences(monkeypatch, capsys, tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(f"A fine film.\nIt is {name}!\n")
    out = tmp_path / "data" / "pool"
    run(monkeypatch, "sentences", "--source", tmp_path / "a.txt", tmp_path / "b.txt", "--output-dir", out)
    lines = (out / "unlabeled.jsonl").read_text().splitlines()
    assert [" ".join(json.loads(line)["tokens"]) for line in lines] == ["a fine film", "it is a", "it is b"]
    assert json.loads((out / "statistics.json").read_text())["splits"]["unlabeled"]["sentences"] == 3
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == ["published", "got", "difference"]
    assert printed[1].split() == ["unlabeled", "-", "3", "-"]
    assert printed[-1] == f"written to {out}"


def test_sample_and_seed(monkeypatch, tmp_path):
    (tmp_path / "a.txt").write_text("\n".join(f"sentence number {number}" for number in range(50)))
    common = ("sentences", "--source", tmp_path / "a.txt", "--sample", 5, "--seed")
    for seed, name in ((1, "first"), (1, "again"), (2, "other")):
        run(monkeypatch, *common, seed, "--output-dir", tmp_path / name)
    first, again, other = ((tmp_path / n / "unlabeled.jsonl").read_text() for n in ("first", "again", "other"))
    assert first == again != other


def test_all_labeled(monkeypatch, tmp_path):
    for name in ("train", "dev", "test"):
        row = json.dumps({"sentence1": "A man sleeps.", "sentence2": "A man rests.", "label": "entailment"})
        (tmp_path / f"{name}.jsonl").write_text((row + "\n") * 4)
    command = ("snli", "--source", tmp_path, "--output-dir")
    run(monkeypatch, *command, tmp_path / "half")
    run(monkeypatch, *command, tmp_path / "all", "--all-labeled")
    assert len((tmp_path / "half" / "train.jsonl").read_text().splitlines()) == 2
    assert len((tmp_path / "all" / "train.jsonl").read_text().splitlines()) == 4
    assert not (tmp_path / "all" / "unlabeled.jsonl").exists()


def test_labeled(monkeypatch, tmp_path):
    for number in (10, 20):
        run(monkeypatch, "example", "--labeled", number, "--output-dir", tmp_path / str(number))
    few, more = ((tmp_path / name / "train.jsonl").read_text().splitlines() for name in ("10", "20"))
    assert len(few) == 10
    assert set(few) < set(more)
    whole = make_dataset("example", output_dir=str(tmp_path / "whole"))["splits"]
    statistics = json.loads((tmp_path / "10" / "statistics.json").read_text())
    assert (statistics["labeled"], statistics["seed"]) == (10, 13370)
    assert statistics["splits"]["unlabeled"]["sentences"] == whole["unlabeled"]["sentences"] + 990
    assert statistics["splits"]["test"] == whole["test"]
    assert '"label":' not in (tmp_path / "10" / "unlabeled.jsonl").read_text()


def test_writes_below_data_by_default(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    run(monkeypatch, "example")
    assert sorted(path.name for path in Path("data/example").iterdir()) == [
        "statistics.json",
        "test.jsonl",
        "train.jsonl",
        "unlabeled.jsonl",
        "validation.jsonl",
    ]


def test_overwrites_only_with_force(monkeypatch, tmp_path, capsys):
    (tmp_path / "a.txt").write_text("one\n")
    command = ("sentences", "--source", tmp_path / "a.txt", "--output-dir", tmp_path / "out")
    run(monkeypatch, *command)
    (tmp_path / "a.txt").write_text("two\n")
    with pytest.raises(SystemExit) as exit_info:
        run(monkeypatch, *command)
    assert "is not empty" in str(exit_info.value)
    assert "one" in (tmp_path / "out" / "unlabeled.jsonl").read_text()
    run(monkeypatch, *command, "--force")
    assert "two" in (tmp_path / "out" / "unlabeled.jsonl").read_text()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            ["nonsense"],
            "there is no corpus 'nonsense'; choose one of adv_glue, ag_news, babi_1, babi_2, babi_3, cnn, dream",
        ),
        (["sst", "--source", "nowhere"], "nowhere: no such file or directory"),
        (["sst", "--source", "fixtures/sst_trees"], "train has 3 sentences, but 6,920 were published"),
        (["sst", "--source", "fixtures/sst_trees", "--sample", "3"], "--sample draws from a pool"),
        (["sentences"], "needs --source"),
        (["example", "--source", "x"], "takes no --source"),
        (["example", "--labeled", "2000"], "--labeled is 2,000, but the training set has 1,000 examples"),
        (["example", "--labeled", "0"], "--labeled must be at least 1, not 0"),
        (["sentences", "--labeled", "5", "--source", "x"], "--labeled is for a corpus with labels"),
        (["example", "--all-labeled"], "--all-labeled is for corpora that become half unlabelled"),
    ],
)
def test_errors_are_one_sentence_and_leave_nothing(monkeypatch, tmp_path, arguments, problem):
    with pytest.raises(SystemExit) as exit_info:
        run(monkeypatch, *arguments, "--output-dir", tmp_path / "out")
    message = str(exit_info.value)
    assert message.startswith("allennlp make-dataset: ")
    assert problem in message
    assert "\n" not in message
    assert list(tmp_path.iterdir()) == []


def test_from_python(tmp_path):
    statistics = make_dataset("example", output_dir=str(tmp_path / "out"))
    assert statistics["splits"]["train"]["sentences"] == 1000
    with pytest.raises(ConfigurationError, match="is not empty"):
        make_dataset("example", output_dir=str(tmp_path / "out"))


@on_modern_stack
def test_as_a_user_runs_it(tmp_path):
    """In the repository, whose `.allennlp_plugins` makes the subcommand known."""
    command = [sys.executable, "-m", "allennlp", "make-dataset", "sst", "--source", "fixtures/sst_trees"]
    result = subprocess.run([*command, "--output-dir", str(tmp_path / "out")], stderr=subprocess.PIPE, check=False)
    assert result.returncode == 1
    message = result.stderr.decode().strip().splitlines()[-1]
    assert message.startswith("allennlp make-dataset: train has 3 sentences, but 6,920 were published")
    assert not (tmp_path / "out").exists()

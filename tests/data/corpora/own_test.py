import json
import lzma
from collections import Counter

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.commands.make_dataset import make_dataset
from attention_vat.data.dataset_readers import SingleSequenceReader


def table(path, rows, header="id,review,stars", delimiter=","):
    lines = [header.replace(",", delimiter), *(delimiter.join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def reviews(number, start=0):
    return [(f"r{i}", f"Review number {i} is fine!", ("good", "bad")[i % 2]) for i in range(start, start + number)]


def made(out):
    return {path.stem: [json.loads(line) for line in path.open(encoding="utf-8")] for path in out.glob("*.jsonl")}


COLUMNS = {"text_columns": ["review"], "label_column": "stars"}


def test_one_table_is_split(tmp_path, capsys):
    source = table(tmp_path / "reviews.csv", reviews(100))
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        statistics = make_dataset("own", [source], str(tmp_path / name), seed=seed, **COLUMNS)
    splits = made(tmp_path / "a")
    assert {split: len(some) for split, some in splits.items()} == {"train": 80, "validation": 10, "test": 10}
    assert Counter(example["label"] for example in splits["validation"]) == {"good": 5, "bad": 5}
    assert splits["train"][0]["tokens"][:2] == ["review", "number"]
    assert len({example["id"] for some in splits.values() for example in some}) == 100
    assert splits == made(tmp_path / "b") != made(tmp_path / "c")
    assert statistics["splits"]["train"]["classes"] == {"bad": 40, "good": 40}
    assert "warnings" not in statistics
    assert "warning" not in capsys.readouterr().out
    read = list(SingleSequenceReader().read(tmp_path / "a" / "test.jsonl"))
    assert {instance["label"].label for instance in read} == {"good", "bad"}


def test_shares(tmp_path):
    source = table(tmp_path / "reviews.csv", reviews(100))
    make_dataset("own", [source], str(tmp_path / "out"), shares=[0.5, 0.2, 0.3], **COLUMNS)
    assert {split: len(some) for split, some in made(tmp_path / "out").items()} == {
        "train": 50,
        "validation": 20,
        "test": 30,
    }


def test_tables_that_are_splits(tmp_path):
    folder = tmp_path / "tables"
    folder.mkdir()
    table(folder / "train.tsv", reviews(20), delimiter="\t")
    table(folder / "dev.tsv", [("x", 'An "odd quote here', "good"), ("y", "Bad one.", "bad")], delimiter="\t")
    table(folder / "unlabeled.csv", [("u", "Nobody knows.")], header="id,review")
    make_dataset("own", [str(folder)], str(tmp_path / "out"), **COLUMNS)
    splits = made(tmp_path / "out")
    assert [example["id"] for example in splits["validation"]] == ["x", "y"]
    assert splits["validation"][0]["tokens"] == ["an", "odd", "quote", "here"]
    # Of what is left for training and testing, .1 of .9.
    assert {split: len(some) for split, some in splits.items() if split != "validation"} == {
        "train": 18,
        "test": 2,
        "unlabeled": 1,
    }
    assert "label" not in splits["unlabeled"][0]


def test_folders_of_classes(tmp_path):
    folder = tmp_path / "texts"
    for split in ("train", "test"):
        for label in ("neg", "pos"):
            (folder / split / label).mkdir(parents=True)
            for number in range(6):
                (folder / split / label / f"{number}.txt").write_text(f"{split} {label}\nnumber {number}")
    (folder / "train" / "unsup").mkdir()
    (folder / "train" / "unsup" / "0.txt").write_text("nobody knows")
    (folder / "README.txt").write_text("no text of a class")
    make_dataset("own", [str(folder)], str(tmp_path / "out"))
    splits = made(tmp_path / "out")
    assert {split: len(some) for split, some in splits.items()} == {
        "train": 10,
        "validation": 2,
        "test": 12,
        "unlabeled": 1,
    }
    assert {example["label"] for example in splits["test"]} == {"neg", "pos"}
    assert splits["test"][0] == {"id": "neg/0", "tokens": ["test", "neg", "number", "0"], "label": "neg"}


def test_packed_json_lines_of_pairs(tmp_path):
    rows = [{"a": f"text {i}", "b": f"other {i}", "label": i % 2} for i in range(20)]
    with lzma.open(tmp_path / "pairs.jsonl.xz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in [*rows, {"a": "no", "b": "label", "label": None}])
    make_dataset("own", [str(tmp_path / "pairs.jsonl.xz")], str(tmp_path / "out"), text_columns=["a", "b"])
    splits = made(tmp_path / "out")
    assert len(splits["train"]) == 16
    assert splits["unlabeled"][0]["premise"] == ["no"]
    assert {example["label"] for example in splits["train"]} == {"0", "1"}


def test_warnings(tmp_path, capsys):
    folder = tmp_path / "tables"
    folder.mkdir()
    table(folder / "train.csv", [*reviews(10), ("e", "...", "good"), ("l", "long " * 1001, "bad")])
    table(folder / "validation.csv", reviews(4))
    table(folder / "test.csv", [("t", "Quite new.", "good")])
    statistics = make_dataset("own", [str(folder)], str(tmp_path / "out"), **COLUMNS)
    assert statistics["warnings"] == [
        "4 texts of validation are also in train: scores on them are too high",
        "no text of test has the class 'bad'",
        "texts without words, which are left out: 1, such as e of train",
        "texts of more than 1,000 words: 1, the longest has 1,001 (l of train); `max_tokens` of the dataset reader "
        "cuts them",
    ]
    assert "warning: no text of test has the class 'bad'" in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "statistics.json").read_text())["warnings"] == statistics["warnings"]


@pytest.mark.parametrize(
    "content, options, message",
    [
        (b"id,text,label\n1,a,b\n", {}, "the class 'b' has fewer than 3 texts"),
        (
            b"id,txt,label\n1,a,b\n",
            {},
            r"reviews.csv:2: has no column 'text'; name it with --text-column \(did you mean 'txt'",
        ),
        (b"id,text,stars\n1,a,b\n", {}, "has no column 'label'; name it with --label-column"),
        (b"id,text,label\n1,a\n", {}, "reviews.csv:2: has 2 columns, but the first line has 3"),
        (b"text,text,label\n", {}, "reviews.csv:1: has the column 'text' more than once"),
        (b"id,text,label\n1,caf\xe9,b\n", {}, "reviews.csv:2"),
        (b"id,text,label\n", {}, "holds no table"),
        (b"id,text,label\n", {"shares": [0.5, 0.5, 0.5]}, "--shares are 0.5 0.5 0.5, but must be three numbers"),
        (b"id,text,label\n", {"text_columns": ["a", "b", "c"]}, "--text-column takes one column or two, not 3"),
    ],
)
def test_what_is_refused(tmp_path, content, options, message):
    (tmp_path / "reviews.csv").write_bytes(content)
    with pytest.raises(ConfigurationError, match=message):
        make_dataset("own", [str(tmp_path / "reviews.csv")], str(tmp_path / "out"), **options)
    assert not (tmp_path / "out").exists()


def test_options_of_other_corpora(tmp_path):
    with pytest.raises(ConfigurationError, match="--text-column is for the corpus 'own', not for 'sst'"):
        make_dataset("sst", output_dir=str(tmp_path / "out"), text_columns=["a"])
    with pytest.raises(ConfigurationError, match="name it with --source"):
        make_dataset("own", output_dir=str(tmp_path / "out"))


def test_several_tables_without_names_of_splits(tmp_path):
    for name in ("a", "b"):
        table(tmp_path / f"{name}.csv", reviews(3))
    with pytest.raises(ConfigurationError, match=r"several tables \(a.csv, b.csv\) and none is called train"):
        make_dataset("own", [str(tmp_path)], str(tmp_path / "out"))

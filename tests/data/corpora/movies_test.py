import json
import lzma
import shutil
import tarfile

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import EraserMovies
from attention_vat.data.corpora import movies as module
from attention_vat.data.corpora.sources import Source

DOCUMENTS = {"neg_1.txt": "a dull film .\nreally dull .", "pos_1.txt": "plain good fun !"}
ROWS = [
    {
        "annotation_id": "neg_1.txt",
        "classification": "NEG",
        "evidences": [
            [{"docid": "neg_1.txt", "start_token": 1, "end_token": 2}, {"start_token": 4, "end_token": 6}],
            [{"docid": "neg_1.txt", "start_token": 5, "end_token": 6}, {"start_token": 3, "end_token": 3}],
        ],
    },
    {"annotation_id": "pos_1.txt", "classification": "POS", "evidences": []},
]


def write(folder, rows=ROWS):
    for split in ("train", "val", "test"):
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "docs").mkdir()
    for name, text in DOCUMENTS.items():
        (folder / "docs" / name).write_text(text)
    return folder


def as_archive(folder):
    """The whole benchmark, which has documents and rows of the same names elsewhere."""
    for task in ("movies", "boolq"):
        (folder / "data" / task).mkdir(parents=True)
        write(folder / "data" / task, ROWS if task == "movies" else [])
    (folder / "data" / "boolq" / "docs" / "pos_1.txt").write_text("another")
    with tarfile.open(folder / "data_v1.2.tar.gz", "w:gz") as archive:
        archive.add(folder / "data", "data")
    return folder / "data_v1.2.tar.gz"


def as_rows(folder):
    write(folder)
    shutil.rmtree(folder / "docs")
    rows = [{"docid": name, "document": text} for name, text in DOCUMENTS.items()]
    (folder / "docs.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


def as_shared(folder):
    write(folder)
    with tarfile.open(folder / "docs.tar.xz", "w:xz") as archive:
        archive.add(folder / "docs", "docs")
    shutil.rmtree(folder / "docs")
    for split in ("train", "val", "test"):
        path = folder / f"{split}.jsonl"
        (folder / f"{split}.jsonl.xz").write_bytes(lzma.compress(path.read_bytes()))
        path.unlink()
    return folder


@pytest.mark.parametrize("form", [write, as_archive, as_rows, as_shared])
def test_every_form(form, tmp_path):
    corpus = EraserMovies(sources=[str(form(tmp_path))])
    examples = list(corpus.read())
    assert [split for split, _ in examples] == ["train"] * 2 + ["validation"] * 2 + ["test"] * 2
    assert examples[0][1] == {
        "id": "neg_1.txt",
        "tokens": ["a", "dull", "film", ".", "really", "dull", "."],
        "label": "0",
        "classification": "NEG",
        "rationale": [0, 1, 0, 0, 1, 1, 0],
        "evidences": [[1, 2], [4, 6], [5, 6], [3, 3]],
    }
    assert examples[1][1] == {
        "id": "pos_1.txt",
        "tokens": ["plain", "good", "fun", "!"],
        "label": "1",
        "classification": "POS",
        "rationale": [0, 0, 0, 0],
        "evidences": [],
    }
    assert corpus.partial()["validation"] == {"read": 2, "published": 200}


def test_downloads_without_a_source(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "download", lambda *arguments: asked.append(arguments) or Source(write(tmp_path)))
    assert len(list(EraserMovies().read())) == 6
    assert asked == [(module.URL, module.SHA256)]


def row(**changes):
    return {**ROWS[0], **changes}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (row(classification="NEUTRAL"), "the classification must be NEG or POS"),
        (row(annotation_id="neg_2.txt"), "there is no document 'neg_2.txt'"),
        (row(evidences=None), '"evidences" has the wrong type: None'),
        (row(evidences=[[{"start_token": 1}]]), 'has no "end_token"'),
        (row(evidences=[None]), r'"evidences" must be a list of lists of objects, not \[None\]'),
        (row(evidences=[[None]]), '"evidences" must be a list of lists of objects'),
        (row(evidences=[{"start_token": 1}]), '"evidences" must be a list of lists of objects'),
        (row(evidences=[[{"start_token": True, "end_token": 2}]]), '"start_token" has the wrong type: True'),
        (row(classification="N" * 1000), "the classification must be NEG or POS, not 'N{98}…$"),
        (row(evidences=[[{"start_token": 6, "end_token": 8}]]), "tokens 6 to 8 of None are not in 'neg_1.txt'"),
        (row(evidences=[[{"start_token": 3, "end_token": 2}]]), "tokens 3 to 2"),
        (
            row(evidences=[[{"docid": "pos_1.txt", "start_token": 1, "end_token": 2}]]),
            "tokens 1 to 2 of 'pos_1.txt'",
        ),
    ],
)
def test_a_broken_row_is_named(changed, problem, tmp_path):
    write(tmp_path, [ROWS[1], changed])
    with pytest.raises(ConfigurationError, match=f"train.jsonl:2: {problem}"):
        list(EraserMovies(sources=[str(tmp_path)]).read())


def test_no_documents(tmp_path):
    write(tmp_path)
    shutil.rmtree(tmp_path / "docs")
    with pytest.raises(ConfigurationError, match="holds no documents"):
        list(EraserMovies(sources=[str(tmp_path)]).read())

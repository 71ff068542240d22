"""Files of corpora that went wrong: lines of each format through the real parsers, and damaged packed files."""

import bz2
import gzip
import json
import lzma
import random
import re
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora.adv_glue import TASKS, AdversarialGlue
from attention_vat.data.corpora.ag_news import AgNews
from attention_vat.data.corpora.babi import questions
from attention_vat.data.corpora.cnn import _from_texts
from attention_vat.data.corpora.dream import DialogueComprehension
from attention_vat.data.corpora.glue import QuestionNli
from attention_vat.data.corpora.movies import EraserMovies, annotated
from attention_vat.data.corpora.rows import json_rows
from attention_vat.data.corpora.snli import inference_pairs
from attention_vat.data.corpora.sources import Source
from attention_vat.data.corpora.sst import read_tree
from attention_vat.data.corpora.stsb import SemanticTextualSimilarity
from attention_vat.data.corpora.wnut17 import EmergingEntities
from attention_vat.data.selection.word_vectors import read_word_vectors
from attention_vat.interpret.rationales.eraser import read_documents
from tests.chaos.mutations import mutate_bytes, mutate_line
from tests.chaos.trials import kind

LONGEST_MESSAGE = 500

TREE = "(3 (2 The) (3 (3 (2 film) (4 shines)) (2 -LRB-again-RRB-)))"
ROW = {
    "annotation_id": "d1.txt",
    "classification": "POS",
    "evidences": [[{"docid": "d1.txt", "start_token": 0, "end_token": 2, "text": "a b"}], []],
}
DOCUMENT = {
    "id": "d1.txt",
    "tokens": ["a", "fine", "film"],
    "label": "1",
    "classification": "POS",
    "rationale": [0, 1, 0],
    "evidences": [[1, 2]],
}
LINES = {
    "ag_news": '"3","Wall St.","Short sellers, seeing ""green"" again."\n"1","World","A fine day."\n',
    "babi": "1 Mary moved to the bathroom.\n2 Where is Mary?\tbathroom\t1\n",
    "cnn": "who is @placeholder ?\n@entity1\n@entity1 and @entity2 met\n@entity1:Ann\n\n",
    "snli": '{"gold_label": "neutral", "sentence1": "A man.", "sentence2": "Two men."}\n',
    "vectors": "a 0.1 0.2\nfilm -1 2.5e-3\n",
}
QUESTION = {"question": "What is wet?", "choice": ["The sun.", "The street."], "answer": "The street."}
ATTACKED = {task: [{**dict.fromkeys(columns, "a film"), "label": 1}] for task, (columns, _) in sorted(TASKS.items())}
# Corpora that are read as a whole: their files, of which the first is mutated, and what is in each.
CORPORA = {
    SemanticTextualSimilarity: (
        ("sts-train.tsv", "sts-dev.tsv", "sts-test.tsv"),
        "main\tMSRvid\t2012\t1\t2.500\tA plane.\tTwo planes.\n",
    ),
    QuestionNli: (("train.tsv", "dev.tsv"), "index\tquestion\tsentence\tlabel\n0\tWhy?\tSo.\tentailment\n"),
    EmergingEntities: (("train.conll", "dev.conll", "test.conll"), "New\tB-place\nYork\tI-place\n\n!\tO\n"),
    DialogueComprehension: (
        ("train.json", "dev.json", "test.json"),
        json.dumps([[["M: It rains.", "W: Yes."], [QUESTION], "4-1"]]),
    ),
    AdversarialGlue: (("dev.json",), json.dumps(ATTACKED)),
}


@kind("mutated-trees", "mutated SST trees", rounds=20_000, quick_rounds=150, seconds=2)
def mutated_tree(rng: random.Random, directory: Path) -> None:
    try:
        label, words = read_tree(mutate_line(rng, TREE))
    except ValueError as error:
        assert_short(error)
    else:
        assert label in range(5)
        assert words


@kind("mutated-eraser-rows", "mutated rows of ERASER's annotations", rounds=20_000, quick_rounds=150, seconds=2)
def mutated_eraser_row(rng: random.Random, directory: Path) -> None:
    source = written(directory / "train.jsonl", mutate_line(rng, json.dumps(ROW)))

    def examples() -> Iterator[Any]:
        for where, row in json_rows(source, "train.jsonl"):
            yield annotated(where, row, {"d1.txt": ["a", "b", "c"]})

    for example in survived(examples, "train.jsonl"):
        assert len(example["rationale"]) == len(example["tokens"]) == 3
        assert set(example["rationale"]) <= {0, 1}


@kind(
    "mutated-eraser-documents",
    "mutated documents of an evaluation for ERASER",
    rounds=20_000,
    quick_rounds=150,
    seconds=2,
)
def mutated_eraser_document(rng: random.Random, directory: Path) -> None:
    path = directory / "test.jsonl"
    content = mutate_line(rng, json.dumps(DOCUMENT)).encode("utf-8", "surrogatepass")
    path.write_bytes(mutate_bytes(rng, content) if rng.random() < 0.2 else content)
    survived(lambda: read_documents(path).values(), "test.jsonl")


@kind(
    "mutated-sources", "mutated lines of other corpora and of word vectors", rounds=20_000, quick_rounds=150, seconds=2
)
def mutated_source(rng: random.Random, directory: Path) -> None:
    name = rng.choice([*LINES, *CORPORA])
    if not isinstance(name, str):
        names, content = CORPORA[name]
        for file_name in names:
            (directory / file_name).write_text(content)
        written(directory / names[0], mutate_line(rng, content))
        survived(lambda: name(sources=[str(directory)]).read(), names[0])
        return
    text = mutate_line(rng, LINES[name])
    file_name = {"cnn": "train.txt", "ag_news": "train.csv"}.get(name, f"{name}.txt")
    source = written(directory / file_name, text)
    parsers: Dict[str, Callable[[], Any]] = {
        "ag_news": lambda: AgNews(sources=[str(directory)])._news(source, file_name, "train"),
        "babi": lambda: questions(source, file_name),
        "cnn": lambda: _from_texts(source),
        "snli": lambda: inference_pairs(source, file_name, "train"),
        "vectors": lambda: read_word_vectors(directory / file_name, {"a": 0, "film": 1}),
    }
    if name == "cnn":  # all three are wanted
        for other in ("dev.txt", "test.txt"):
            (directory / other).write_text(LINES[name])
        source = Source(directory)
    survived(parsers[name], file_name)


PACK: Dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    "": bytes,
}


@kind("damaged-packed-files", "damaged packed files and archives of corpora", rounds=5_000, quick_rounds=50, seconds=5)
def damaged_packed_file(rng: random.Random, directory: Path) -> None:
    folder, path = directory / "movies", directory / f"movies{rng.choice(('.zip', '.tar', '.tgz', ''))}"
    if not path.suffix:
        path = directory / "source"
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "d1.txt").write_text("a b c")
    pack = rng.choice(list(PACK))
    for split in ("train", "val", "test"):
        (folder / f"{split}.jsonl{pack}").write_bytes(PACK[pack]((json.dumps(ROW) + "\n").encode()))
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
            for file in files(folder):
                archive.write(file, file.relative_to(directory).as_posix())
        damaged = path
    elif path.suffix:
        with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as tar:
            tar.add(folder, "movies")
        damaged = path
    else:
        damaged = rng.choice(files(folder))
        path = folder

    def read() -> List[Any]:
        return list(EraserMovies(sources=[str(path)]).read())

    whole = read()
    has_checksum = damaged.suffix not in (".tar", ".txt", ".jsonl")
    damaged.write_bytes(mutate_bytes(rng, damaged.read_bytes()))
    found = survived(read, "movies")
    assert found in ([], whole) or not has_checksum, "other data without a word"


def files(folder: Path) -> List[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def written(path: Path, text: str) -> Source:
    # What cannot be UTF-8 is what a broken program writes.
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return Source(path)


def survived(parse: Callable[[], Any], name: str) -> List[Any]:
    """
    What a parser gives. It may refuse in a sentence that names the file; every other error is raised.
    """
    try:
        return list(parse())
    except ConfigurationError as error:
        assert_short(error)
        assert re.search(rf"{re.escape(name)}[^ ]*: ", str(error)), f"names no file: {error}"
        return []


def assert_short(error: Exception) -> None:
    assert "\n" not in str(error).strip(), f"several lines: {error}"
    assert len(str(error)) < LONGEST_MESSAGE, f"{len(str(error))} characters: {str(error):.200}"

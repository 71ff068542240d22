import json
import lzma
import pickle
import tarfile

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import LargeMovieReviews
from attention_vat.data.corpora import imdb as module
from attention_vat.data.corpora.sources import Source

GOOD, BAD = "It's great.<br /><br />See it!", "Not great<BR>at all"
LONG = "word " * 400
INDEX = {"it's": 1, "great": 2, "br": 3, "see": 4, "it": 5, "not": 6, "at": 7, "all": 8}
GOOD_NUMBERS, BAD_NUMBERS = [1, 2, 3, 3, 4, 5], [6, 2, 3, 7, 8]


def as_rows(folder):
    for name, label in (("imdb_train", True), ("imdb_test", True), ("imdb_unsup", False)):
        with lzma.open(folder / f"{name}.jsonl.xz", "wt") as file:
            for number in range(10):
                row = {"id": f"x/{number}", "label": number % 2 if label else None, "rating": None}
                file.write(json.dumps({**row, "text": GOOD if number % 2 else BAD}) + "\n")
            file.write(json.dumps({"id": "x/long", "label": 1 if label else None, "text": LONG}) + "\n")
    return folder


def as_files(folder):
    for split in ("train", "test"):
        for label, text in (("pos", GOOD), ("neg", BAD), ("unsup", GOOD)):
            (folder / "aclImdb" / split / label).mkdir(parents=True)
            for number in range(5):
                (folder / "aclImdb" / split / label / f"{number}_7.txt").write_text(text)
            (folder / "aclImdb" / split / label / "10_8.txt").write_text(LONG)
    (folder / "aclImdb" / "test" / "urls_pos.txt").write_text("http://")
    return folder


def as_archive(folder):
    as_files(folder / "unpacked")
    with tarfile.open(folder / "aclImdb_v1.tar.gz", "w:gz") as archive:
        archive.add(folder / "unpacked" / "aclImdb", "aclImdb")
    return folder / "aclImdb_v1.tar.gz"


def as_pickle(folder, **options):
    reviews = [GOOD_NUMBERS, BAD_NUMBERS] * 5 + [[5] * 400]
    labels = [1, 0] * 5 + [1]
    with open(folder / "imdb_full.pkl", "wb") as file:
        pickle.dump(((reviews, labels), (reviews, labels)), file, **options)
    (folder / "imdb_word_index.json").write_text(json.dumps(INDEX))
    return folder


@pytest.mark.parametrize("form", [as_rows, as_files, as_archive, as_pickle])
def test_every_form(form, tmp_path):
    examples = list(LargeMovieReviews(sources=[str(form(tmp_path))]).read())
    sizes = {split: sum(split == other for other, _ in examples) for split, _ in examples}
    # 80 % and 20 % of ten short reviews, a fifth of ten.
    assert {split: sizes[split] for split in ("train", "validation", "test")} == {
        "train": 8,
        "validation": 2,
        "test": 2,
    }
    words = {(" ".join(example["tokens"]), example.get("label")) for split, example in examples if split == "train"}
    assert words == {("it s great see it", "1"), ("not great at all", "0")}
    assert sizes.get("unlabeled", 0) == {as_pickle: 0, as_rows: 10, as_files: 5, as_archive: 5}[form]
    assert all(("label" in example) == (split != "unlabeled") for split, example in examples)
    ids = [example["id"] for split, example in examples if split in ("train", "validation")]
    assert len(set(ids)) == 10


def test_positive_reviews_come_before_the_split_as_in_keras(tmp_path):
    from attention_vat.data.corpora.splits import split_in_two

    as_files(tmp_path)
    train = [example["id"] for split, example in LargeMovieReviews(sources=[str(tmp_path)]).read() if split == "train"]
    in_order = [f"{label}/{number}_7" for label in ("pos", "neg") for number in range(5)]
    assert train == split_in_two(in_order, 1378, train_size=0.8)[0]


def test_words_are_counted_as_by_keras(tmp_path):
    """Breaks count for one word each, apostrophes separate nothing, and 399 words are few enough."""
    for split in ("train", "test"):
        texts = ["it's <br /> " * 199 + "a-b", "it's <br /> " * 199 + "a"] * 5
        rows = [{"label": number % 2, "text": text} for number, text in enumerate(texts)]
        (tmp_path / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    examples = list(LargeMovieReviews(sources=[str(tmp_path)]).read())
    assert {example["tokens"][-1] for _, example in examples} == {"a"}


def test_downloads_the_files_of_keras(tmp_path, monkeypatch):
    asked = []

    def download(url, digest):
        asked.append(digest)
        return Source(as_pickle(tmp_path) / url.rsplit("/", 1)[1])

    monkeypatch.setattr(module, "download", download)
    assert len(list(LargeMovieReviews().read())) == 12
    assert asked == list(module.MD5.values())


def test_counts_may_differ_from_the_paper(tmp_path, capsys):
    statistics = LargeMovieReviews(sources=[str(as_rows(tmp_path))]).make(tmp_path / "out")
    assert statistics["partial"]["train"] == {"read": 11, "published": 25000}
    assert "partial source: 11 of 25,000 rows of train" in capsys.readouterr().out


def test_errors(tmp_path):
    with pytest.raises(ConfigurationError, match="holds none of imdb_full.pkl, aclImdb"):
        list(LargeMovieReviews(sources=[str(tmp_path)]).read())
    (tmp_path / "train.jsonl").write_text('{"text": "a", "label": 2}\n')
    with pytest.raises(ConfigurationError, match="train.jsonl:1: \"label\" must be 0 or 1, not '2'"):
        list(LargeMovieReviews(sources=[str(tmp_path)]).read())
    (tmp_path / "train.jsonl").write_text('{"label": 1}\n')
    with pytest.raises(ConfigurationError, match='train.jsonl:1: has no "text"'):
        list(LargeMovieReviews(sources=[str(tmp_path)]).read())

import json
import lzma
import tarfile
from collections import Counter

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import Newsgroups
from attention_vat.data.corpora import newsgroups as module
from attention_vat.data.corpora.newsgroups import Post, body, in_order_of_scikit_learn
from attention_vat.data.corpora.sources import Source

POST = """From: a@b.c (Ann)
Subject: Re: {0}

In article <1@b.c> Bob writes:
> I think so.

I saw {0} at the 2nd of three games in Zürich.
Nothing else.

--
Ann, a@b.c
"""
GROUPS = ("alt.atheism", "rec.sport.baseball", "rec.sport.hockey")


def as_files(folder):
    for part, size in (("train", 12), ("test", 8)):
        for group in GROUPS:
            path = folder / f"20news-bydate-{part}" / group
            path.mkdir(parents=True)
            for number in range(size):
                text = POST.format(group.rsplit(".", 1)[1])
                (path / f"{number}{len(part)}").write_bytes(text.encode("latin-1"))
    return folder


def as_archive(folder):
    as_files(folder / "unpacked")
    with tarfile.open(folder / "20news-bydate.tar.gz", "w:gz") as archive:
        for part in ("test", "train"):
            archive.add(folder / "unpacked" / f"20news-bydate-{part}", f"20news-bydate-{part}")
    return folder / "20news-bydate.tar.gz"


def as_rows(folder):
    for part, size in (("train", 12), ("test", 8)):
        with lzma.open(folder / f"{part}.jsonl.xz", "wt", encoding="utf-8") as file:
            for group in GROUPS:
                for number in range(size):
                    text = POST.format(group.rsplit(".", 1)[1])
                    text = text.strip().replace("\n", "\t") + "\n" if part == "train" else text
                    file.write(json.dumps({"id": f"{number}{len(part)}", "label": group, "text": text}) + "\n")
    return folder


def made(source):
    return list(Newsgroups(sources=[str(source)]).read())


@pytest.mark.parametrize("form", [as_files, as_archive, as_rows])
def test_every_form(form, tmp_path):
    examples = made(form(tmp_path))
    # Of 40 posts a fifth is for testing, of the other 32 a fifth, rounded up, for validation; half of each class.
    sizes = Counter(split for split, _ in examples)
    assert sizes == {"train": 25, "validation": 7, "test": 8}
    assert Counter(example["label"] for split, example in examples if split == "test") == {"0": 4, "1": 4}
    example = next(example for _, example in examples if example["label"] == "1")
    assert example["id"].startswith("rec.sport.hockey/")
    assert " ".join(example["tokens"]) == "i saw hockey at the qqq of three games in zürich nothing else"


def test_forms_agree(tmp_path):
    forms = []
    for form in (as_files, as_archive, as_rows):
        (tmp_path / form.__name__).mkdir()
        forms.append(made(form(tmp_path / form.__name__)))
    assert forms[0] == forms[1] == forms[2]


def test_order_is_that_of_scikit_learn(tmp_path, monkeypatch):
    """Against scikit-learn itself, from its cache of a download."""
    from sklearn.datasets import load_files
    from sklearn.utils import check_random_state

    as_files(tmp_path)
    names = []
    for part in ("train", "test"):
        loaded = load_files(tmp_path / f"20news-bydate-{part}", encoding="latin1")
        names += [tuple(name.replace("\\", "/").rsplit("/", 2)[1:]) for name in loaded.filenames]
    order = list(range(len(names)))
    check_random_state(42).shuffle(order)
    posts = [[], []]
    for place, part in enumerate(("train", "test")):
        for path in (tmp_path / f"20news-bydate-{part}").rglob("*"):
            if path.is_file():
                posts[place].append(Post(path.parent.name, path.name, ""))
    assert [(post.group, post.id) for post in in_order_of_scikit_learn(posts)] == [names[place] for place in order]


def test_stripping_is_that_of_scikit_learn():
    twenty = pytest.importorskip("sklearn.datasets._twenty_newsgroups")
    texts = [
        POST.format("x"),
        "A: b\n\none paragraph\nof two lines\n",
        "A: b\n\n\n\nafter two empty lines\n\n",
        "A: b\n\n---\nonly a signature",
        "A: b\n\ntext\n\n>quoted\n|quoted\n Bob wrote:\nIn article\nQuoted from\nhe said: no\n",
        "no header at all",
        "A: b\n\n",
        "",
    ]
    for text in texts:
        expected = twenty.strip_newsgroup_header(text)
        if expected.strip():
            expected = twenty.strip_newsgroup_quoting(twenty.strip_newsgroup_footer(expected))
        assert body(text).split() == expected.split(), text


def test_lengths(tmp_path):
    for part in ("train", "test"):
        rows = []
        for number in range(20):
            words = (6, 7, 499, 500)[number % 4]
            rows.append({"id": number, "label": GROUPS[1 + number % 2], "text": "A: b\n\n" + "word " * words})
        (tmp_path / f"{part}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert {len(example["tokens"]) for _, example in made(tmp_path)} == {7, 499}


def test_downloads_without_a_source(tmp_path, monkeypatch):
    path = as_archive(tmp_path)
    asked = []
    monkeypatch.setattr(module, "download", lambda *arguments: asked.append(arguments) or Source(path))
    assert len(list(Newsgroups().read())) == 40
    assert asked == [(module.URL, module.SHA256)]


def test_errors(tmp_path):
    with pytest.raises(ConfigurationError, match="holds neither 20news-bydate-train/.* nor train.jsonl"):
        made(tmp_path)
    for part in ("train", "test"):
        (tmp_path / f"{part}.jsonl").write_text('{"id": "1", "label": "rec.sport.hockey"}\n')
    with pytest.raises(ConfigurationError, match='train.jsonl:1: has no "text"'):
        made(tmp_path)

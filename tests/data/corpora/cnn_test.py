import tarfile

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import CnnNews
from attention_vat.data.corpora import cnn as module
from attention_vat.data.corpora.sources import Source

ARTICLE = "@entity2 met @entity0 and @entity2 's dog"
QUESTION = "@placeholder has a dog"
ANSWER = "@entity2"
ENTITIES = "@entity0:Ann\n@entity2:Bob"


def as_questions(folder):
    for name in ("training", "validation", "test"):
        path = folder / "cnn" / "questions" / name
        path.mkdir(parents=True)
        for number in range(4 if name == "training" else 1):
            parts = ["http://x", ARTICLE, QUESTION, ANSWER, ENTITIES]
            (path / f"{name}{number}.question").write_text("\n\n".join(parts) + "\n")
    return folder


def as_archive(folder):
    as_questions(folder / "unpacked")
    with tarfile.open(folder / "cnn.tgz", "w:gz") as archive:
        archive.add(folder / "unpacked" / "cnn", "cnn")
    return folder / "cnn.tgz"


def as_texts(folder):
    for name in ("train", "dev", "test"):
        block = "\n".join([QUESTION, ANSWER, ARTICLE, ENTITIES])
        (folder / f"{name}.txt").write_text("\n\n".join([block] * (4 if name == "train" else 1)))
    return folder


@pytest.mark.parametrize("form", [as_questions, as_archive, as_texts])
def test_every_form(form, tmp_path):
    corpus = CnnNews(sources=[str(form(tmp_path))])
    examples = list(corpus.read())
    assert sorted(split for split, _ in examples) == ["test", "train", "train", "unlabeled", "unlabeled", "validation"]
    for split, example in examples:
        assert example.pop("id")
        assert example.pop("label", None) == (None if split == "unlabeled" else "@entity2")
        assert example == {
            "premise": ARTICLE.split(),
            "hypothesis": QUESTION.split(),
            "candidates": ["@entity2", "@entity0"],
        }
    assert corpus.found == {"train": 4, "validation": 1, "test": 1}


def test_the_answer_is_a_candidate_in_any_case(tmp_path):
    path = as_questions(tmp_path) / "cnn" / "questions" / "test" / "test0.question"
    path.write_text("\n\n".join(["http://x", ARTICLE, QUESTION, "@entity9", ""]))
    test = next(example for split, example in CnnNews(sources=[str(tmp_path)]).read() if split == "test")
    assert test["candidates"] == ["@entity2", "@entity0", "@entity9"]


def test_downloads_without_a_source(tmp_path, monkeypatch):
    asked = []

    def download(url, size):
        asked.append((url, size))
        return Source(as_texts(tmp_path))

    monkeypatch.setattr(module, "download", download)
    assert len(list(CnnNews(all_labeled=True).read())) == 6
    assert asked == [(module.URL, module.BYTES)]


def test_broken_questions(tmp_path):
    with pytest.raises(ConfigurationError, match="holds neither .*question nor train.txt"):
        list(CnnNews(sources=[str(tmp_path)]).read())
    path = tmp_path / "a.question"
    path.write_text("http://x\n\narticle")
    with pytest.raises(ConfigurationError, match="a.question: must be in a folder training, validation or test"):
        list(CnnNews(sources=[str(tmp_path)]).read())
    (tmp_path / "test").mkdir()
    path = path.rename(tmp_path / "test" / "a.question")
    with pytest.raises(ConfigurationError, match="a.question: must have an address, an article"):
        list(CnnNews(sources=[str(tmp_path)]).read())
    path.write_text("http://x\n\narticle\n\nquestion\n\nBob")
    with pytest.raises(ConfigurationError, match="a.question: the answer must be an entity .*, not 'Bob'"):
        list(CnnNews(sources=[str(tmp_path)]).read())
    path.write_bytes("http://x\n\nzwölf".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="a.question: is not UTF-8 text"):
        list(CnnNews(sources=[str(tmp_path)]).read())


def test_broken_blocks(tmp_path):
    as_texts(tmp_path)
    (tmp_path / "train.txt").write_text("question\n@entity1\n\n")
    with pytest.raises(ConfigurationError, match="train.txt:3: the lines before must be a question, an answer"):
        list(CnnNews(sources=[str(tmp_path)]).read())

import tarfile

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import BabiOneFact, BabiTwoFacts
from attention_vat.data.corpora import babi as module
from attention_vat.data.corpora.babi import questions
from attention_vat.data.corpora.sources import Source

STORY = """1 Ann took the lamp.
2 Where is Bob? \tcellar\t1
3 Bob went to the attic.
4 Where is the lamp?\tAttic\t1 3
1 Bob slept.
2 Who slept?\tbob\t1
"""


@pytest.fixture
def folder(tmp_path):
    for folder, copies in (("en", 7), ("en-10k", 14), ("hn", 1)):
        (tmp_path / "tasks" / folder).mkdir(parents=True)
        for split in ("train", "test"):
            path = tmp_path / "tasks" / folder / f"qa1_single-supporting-fact_{split}.txt"
            path.write_text(STORY * copies)
    return tmp_path


def test_questions_have_the_story_so_far(folder):
    first, second, third = list(questions(Source(folder), "tasks/hn/qa1_single-supporting-fact_test.txt"))
    assert first == {
        "id": "test-2",
        "premise": ["ann", "took", "the", "lamp"],
        "hypothesis": ["where", "is", "bob"],
        "label": "cellar",
        "supporting": [0],
    }
    assert " ".join(second["premise"]) == "ann took the lamp . bob went to the attic"
    assert (second["label"], second["supporting"]) == ("attic", [0, 1])
    assert third["premise"] == ["bob", "slept"], "a new story starts with 1"


def test_ten_thousand_are_preferred_and_some_are_for_validation(folder):
    corpus = BabiOneFact(sources=[str(folder)])
    examples = list(corpus.read())
    # 42 questions; 15 % of them, rounded up.
    sizes = [sum(split == wanted for split, _ in examples) for wanted in ("train", "validation", "test")]
    assert sizes == [35, 7, 42]
    assert corpus.partial() == {
        "train": {"read": 42, "published": 10000},
        "test": {"read": 42, "published": 1000},
    }


def test_from_an_archive_and_downloaded(folder, monkeypatch):
    path = folder / "tasks.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder / "tasks", "tasks")
    asked = []
    monkeypatch.setattr(module, "download", lambda *arguments: asked.append(arguments) or Source(path))
    assert list(BabiOneFact().read()) == list(BabiOneFact(sources=[str(folder)]).read())
    assert asked == [(module.URL, module.SHA256)]


def test_the_other_tasks_have_their_files(folder):
    with pytest.raises(ConfigurationError, match="holds no qa2_two-supporting-facts_train.txt"):
        list(BabiTwoFacts(sources=[str(folder)]).read())


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Bob slept.", "a line must be a number and a sentence"),
        ("² Bob slept.", "a line must be a number and a sentence"),
        (f"{'9' * 5000} Bob slept.", f"a line must be a number and a sentence, not '{'9' * 98}…$"),
        ("1", "a line must be a number and a sentence"),
        ("2 Who slept?\tbob", "a question must be followed by its answer and the numbers of sentences"),
        ("2 Who slept?\tbob\t5", "a question must be followed by"),
        ("2 Who slept?\tbob\tx", "a question must be followed by"),
    ],
)
def test_a_broken_line_is_named(line, problem, tmp_path):
    (tmp_path / "a.txt").write_text(f"1 Bob slept.\n\n{line}\n")
    with pytest.raises(ConfigurationError, match=f"a.txt:3: {problem}"):
        list(questions(Source(tmp_path), "a.txt"))

import json

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import DialogueComprehension

QUESTION = {"question": "What is wet?", "choice": ["The sun.", "The street."], "answer": "The street."}
DIALOGUE = [["M: It  rains.", "W: Yes."], [QUESTION, {**QUESTION, "answer": "The sun."}], "4-1"]


def read(folder, train):
    for name in ("dev", "test"):
        (folder / f"{name}.json").write_text(json.dumps([DIALOGUE]))
    (folder / "train.json").write_text(train if isinstance(train, str) else json.dumps(train, indent=1))
    return list(DialogueComprehension(sources=[str(folder)]).read())


def test_each_question_is_an_example(tmp_path):
    examples = [example for split, example in read(tmp_path, [DIALOGUE]) if split == "train"]
    assert examples[0] == {
        "id": "4-1-0",
        "premise": ["M:", "It", "rains.", "W:", "Yes."],
        "question": "What is wet?",
        "choices": ["The sun.", "The street."],
        "label": "1",
        "question_number": 0,
    }
    assert [(example["id"], example["label"]) for example in examples] == [("4-1-0", "1"), ("4-1-1", "0")]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[", "train.json: is not JSON"),
        ({}, "train.json: is not a list of dialogues"),
        ([DIALOGUE, [["a"], []]], "train.json: dialogue 2: must be a list of turns, questions and an id"),
        ([[[1], [], "4"]], "dialogue 1: must be a list of turns"),
        ([[["a"], {}, "4"]], "dialogue 1: has no list of questions"),
        (
            [[["a"], [{**QUESTION, "choice": []}], "4"]],
            "dialogue 1, question 1: needs a question and a list of",
        ),
        ([[["a"], [{**QUESTION, "question": None}], "4"]], "needs a question and a list of choices"),
        ([[["a"], [{**QUESTION, "answer": "rain"}], "4"]], "question 1: the answer 'rain' is not one of the choices"),
    ],
)
def test_what_is_broken_is_named(content, problem, tmp_path):
    with pytest.raises(ConfigurationError, match=problem):
        read(tmp_path, content)

import json

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.dataset_readers.multiple_choice import MultipleChoiceReader

pytest.importorskip("allennlp_models.mc.dataset_readers.transformer_mc")
TINY_BERT = "fixtures/tiny_bert"
LINE = {"id": "4-1-0", "premise": ["the", "film"], "question": "good", "choices": ["a story", "dull"], "label": "1"}


def read(tmp_path, *lines, **options):
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    return list(MultipleChoiceReader(TINY_BERT, **options).read(str(path)))


def words(field):
    return " ".join(token.text for token in field).replace(" ##", "")


def test_the_question_stands_with_each_choice(tmp_path):
    (instance,) = read(tmp_path, LINE)
    assert [words(field) for field in instance["alternatives"]] == [
        "[CLS] the film [SEP] good a story [SEP]",
        "[CLS] the film [SEP] good dull [SEP]",
    ]
    assert instance["correct_alternative"].sequence_index == 1
    assert instance["qid"].metadata == "4-1-0"
    again = MultipleChoiceReader(TINY_BERT).text_to_instance("the film", "good", ["a story", "dull"])
    assert "correct_alternative" not in again.fields
    assert words(again["alternatives"][1]) == words(instance["alternatives"][1])


def test_the_text_is_cut_and_the_choice_stays(tmp_path):
    (instance,) = read(tmp_path, {**LINE, "premise": "the film " * 50}, length_limit=12)
    assert [len(field.tokens) for field in instance["alternatives"]] == [12, 12]
    assert words(instance["alternatives"][1]).endswith("[SEP] good dull [SEP]")


def test_the_first_question_only(tmp_path):
    lines = [{**LINE, "question_number": number, "id": number} for number in (0, 1, 0, 2)]
    assert len(read(tmp_path, *lines)) == 4
    assert [instance["qid"].metadata for instance in read(tmp_path, *lines, first_question_only=True)] == [0, 0]
    with pytest.raises(ConfigurationError, match="first_question_only leaves out"):
        read(tmp_path, lines[1], first_question_only=True)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"premise": None}, 'needs the texts "premise" and "question"'),
        ({"question": ["good"]}, 'needs the texts "premise" and "question"'),
        ({"choices": ["dull"]}, '"choices" must be a list of at least two strings'),
        ({"choices": "dull"}, '"choices" must be'),
        ({"label": "2"}, '"label" must be the number of a choice, from 0 to 1'),
        ({"label": "dull"}, '"label" must be the number'),
    ],
)
def test_broken_lines_are_named(change, problem, tmp_path):
    with pytest.raises(ConfigurationError, match=f"data.jsonl:2: .*{problem}"):
        read(tmp_path, LINE, {**LINE, **change})

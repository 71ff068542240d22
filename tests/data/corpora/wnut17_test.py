import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import EmergingEntities


def read(folder, train, names=("train", "dev", "test")):
    for name in names[1:]:
        (folder / f"{name}.conll").write_text("a\tO\n")
    (folder / f"{names[0]}.conll").write_text(train)
    return list(EmergingEntities(sources=[str(folder)]).read())


def test_sentences_end_at_blank_lines_and_at_the_end(tmp_path):
    text = "New\tB-location\nYork\tI-location\n\t\n\n@user\tO\n"
    assert [example for split, example in read(tmp_path, text) if split == "train"] == [
        {"id": "train-1", "tokens": ["New", "York"], "tags": ["B-location", "I-location"]},
        {"id": "train-2", "tokens": ["@user"], "tags": ["O"]},
    ]


def test_knows_the_names_of_the_original(tmp_path):
    for name in ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated"):
        (tmp_path / name).write_text("a\tO\n")
    examples = list(EmergingEntities(sources=[str(tmp_path)]).read())
    assert [split for split, _ in examples] == ["train", "validation", "test"]


@pytest.mark.parametrize("line", ["word", "word\tperson", "\tO", "word O", "word\t"])
def test_a_line_without_a_tag_is_named(line, tmp_path):
    with pytest.raises(ConfigurationError, match="train.conll:2: a line must be a word, a tab and a tag such as B-per"):
        read(tmp_path, f"a\tO\n{line}\n")

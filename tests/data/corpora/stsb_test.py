import json

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import SemanticTextualSimilarity

LINE = "main-captions\tMSRvid\t2012\t0001\t{score}\tA plane is taking off.\tAn air plane is taking off."


def write(folder, *train):
    for name in ("sts-dev.tsv", "sts-test.tsv"):
        (folder / name).write_text(LINE.format(score="2.500") + "\tlicense\n")
    (folder / "sts-train.tsv").write_text("\n".join(train))
    return SemanticTextualSimilarity(sources=[str(folder)])


def test_scores_stay_numbers(tmp_path):
    split, example = next(write(tmp_path, LINE.format(score="5.000"), "", LINE.format(score="0")).read())
    assert (split, example) == (
        "train",
        {
            "id": "1",
            "premise": ["A", "plane", "is", "taking", "off."],
            "hypothesis": ["An", "air", "plane", "is", "taking", "off."],
            "score": 5.0,
            "genre": "main-captions",
        },
    )


def test_quotes_are_signs_like_others(tmp_path):
    line = LINE.format(score="1").replace("A plane", '"A plane')
    assert next(write(tmp_path, line).read())[1]["premise"][0] == '"A'


def test_makes_files_of_the_published_size(tmp_path):
    corpus = write(tmp_path, *[LINE.format(score="1")] * 5749)
    for name, number in (("sts-dev.tsv", 1500), ("sts-test.tsv", 1379)):
        (tmp_path / name).write_text((LINE.format(score="2.500") + "\n") * number)
    corpus.make(tmp_path / "out")
    with open(tmp_path / "out" / "test.jsonl") as file:
        assert json.loads(next(file))["score"] == 2.5


@pytest.mark.parametrize("score", ["5.1", "-1", "nan", "inf", "", "good"])
def test_a_score_that_is_none_is_named(score, tmp_path):
    with pytest.raises(ConfigurationError, match=f"sts-train.tsv:2: the score must be .* from 0 to 5, not '{score}'"):
        list(write(tmp_path, LINE.format(score="1"), LINE.format(score=score)).read())


def test_a_short_line_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="sts-train.tsv:1: has 2 columns, but needs at least 7"):
        list(write(tmp_path, "a\tb").read())


def test_it_is_not_downloaded():
    with pytest.raises(ConfigurationError, match="STS benchmark is not downloaded; get it and name it with --source"):
        list(SemanticTextualSimilarity().read())

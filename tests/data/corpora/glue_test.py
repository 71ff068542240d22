import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import MultiNli, QuestionNli, QuoraQuestionPairs

QNLI = "index\tquestion\tsentence\tlabel"


def folder(path, **files):
    for name, lines in files.items():
        (path / f"{name}.tsv").write_text("\n".join(lines))
    return [str(path)]


def test_columns_are_found_by_their_names(tmp_path):
    header = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate"
    sources = folder(tmp_path, train=[header, '1\t2\t3\tWhy "so?\tWhy?\t1'], dev=[header, "1\t2\t3\tA b\tC\t0", ""])
    assert list(QuoraQuestionPairs(sources=sources).read()) == [
        ("train", {"id": "2", "premise": ["Why", '"so?'], "hypothesis": ["Why?"], "label": "1"}),
        ("validation", {"id": "2", "premise": ["A", "b"], "hypothesis": ["C"], "label": "0"}),
    ]


def test_the_mismatched_file_of_mnli_is_its_test(tmp_path):
    header = "index\tsentence1\tsentence2\tlabel1\tgold_label"
    row = "0\tA b\tC\tneutral\tentailment"
    files = {name: [header, row] for name in ("train", "dev_matched", "dev_mismatched")}
    examples = list(MultiNli(sources=folder(tmp_path, **files)).read())
    assert [split for split, _ in examples] == ["train", "validation", "test"]
    assert {example["label"] for _, example in examples} == {"entailment"}


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["index\tquestion\tlabel"], "train.tsv:1: has no column sentence, only 'index, question, label'"),
        ([QNLI, "0\ta\tb"], "train.tsv:2: has 3 columns, but the header has more"),
        ([QNLI, "0\ta\tb\tentails"], "train.tsv:2: the label must be one of entailment, not_entailment, not 'entails'"),
    ],
)
def test_broken_lines_are_named(lines, problem, tmp_path):
    with pytest.raises(ConfigurationError, match=problem):
        list(QuestionNli(sources=folder(tmp_path, train=lines, dev=[QNLI])).read())

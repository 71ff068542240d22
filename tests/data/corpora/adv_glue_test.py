import json

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora import AdversarialGlue
from attention_vat.data.corpora.adv_glue import TASKS

ROWS = {
    task: [{**{column: f"{column} text" for column in columns}, "label": 1, "idx": 0}]
    for task, (columns, _) in TASKS.items()
}


def read(tmp_path, content):
    (tmp_path / "dev.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return list(AdversarialGlue(sources=[str(tmp_path)]).read())


def test_each_task_has_a_file_and_the_labels_of_the_clean_corpus(tmp_path):
    examples = dict(read(tmp_path, ROWS))
    assert sorted(examples) == sorted(TASKS)
    assert examples["sst2"] == {"id": "sst2-0", "tokens": ["sentence", "text"], "label": "1"}
    assert examples["qnli"]["label"] == "not_entailment"
    assert examples["mnli"] == {
        "id": "mnli-0",
        "premise": ["premise", "text"],
        "hypothesis": ["hypothesis", "text"],
        "label": "neutral",
    }


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "dev.json: is not JSON"),
        ("[" * 100_000, "dev.json: is not JSON"),
        ([], 'dev.json: has no list "sst2"'),
        ({**ROWS, "rte": None}, 'dev.json: has no list "rte"'),
        ({**ROWS, "sst2": [{"label": 1}]}, "dev.json: sst2, row 0: needs the texts sentence"),
        ({**ROWS, "qqp": [{"question1": "a", "question2": 3}]}, "qqp, row 0: needs the texts question1 and question2"),
        ({**ROWS, "sst2": [{"sentence": "a", "label": 2}]}, "sst2, row 0: the label must be a number below 2, not 2"),
        ({**ROWS, "sst2": [{"sentence": "a", "label": True}]}, "must be a number below 2, not True"),
        ({**ROWS, "sst2": [{"sentence": "a", "label": -1}]}, "must be a number below 2, not -1"),
    ],
)
def test_what_is_no_such_file_is_refused(content, problem, tmp_path):
    with pytest.raises(ConfigurationError, match=problem):
        read(tmp_path, content)

import json
from typing import Any, Dict, Iterator, List, Tuple

from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import one_line, quoted
from attention_vat.data.corpora.corpus import Corpus, Example
from attention_vat.data.corpora.glue import NLI

NOT_ENTAILMENT = ["entailment", "not_entailment"]
# The columns and labels of each task.
TASKS: Dict[str, Tuple[List[str], List[str]]] = {
    "sst2": (["sentence"], ["0", "1"]),
    "qqp": (["question1", "question2"], ["0", "1"]),
    "mnli": (["premise", "hypothesis"], NLI),
    "mnli-mm": (["premise", "hypothesis"], NLI),
    "qnli": (["question", "sentence"], NOT_ENTAILMENT),
    "rte": (["sentence1", "sentence2"], NOT_ENTAILMENT),
}


@Corpus.register("adv_glue")
class AdversarialGlue(Corpus):
    """
    The development set of AdvGLUE ([Wang et al., 2021](https://arxiv.org/abs/2111.02840)): adversarially changed texts
    of GLUE, for evaluation only. Each task is a file, `sst2.jsonl`, `mnli.jsonl` and so on, with the labels that
    `make-dataset` gives to the clean corpora (`sst`, `snli`, `mnli`, `qqp`, `qnli`).

    A source is `dev.json`, or a directory or an archive that contains it. It is not downloaded.

    Registered as a `Corpus` with name "adv_glue".
    """

    published = {"sst2": 148, "qqp": 78, "mnli": 121, "mnli-mm": 162, "qnli": 148, "rte": 81}

    def read(self) -> Iterator[Tuple[str, Example]]:
        source = self.required_source("AdvGLUE")
        name = source.find("dev.json")
        where = source.where(name)
        try:
            content = json.loads("\n".join(line for _, line in source.lines(name)))
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(f"{where}: is not JSON ({one_line(error)[:100]})") from error
        for task, (columns, labels) in TASKS.items():
            rows = content.get(task) if isinstance(content, dict) else None
            if not isinstance(rows, list):
                raise ConfigurationError(f'{where}: has no list "{task}"')
            for number, row in enumerate(rows):
                yield task, _example(f"{where}: {task}, row {number}", row, columns, labels, f"{task}-{number}")


def _example(where: str, row: Any, columns: List[str], labels: List[str], identifier: str) -> Example:
    if not isinstance(row, dict) or not all(isinstance(row.get(column), str) for column in columns):
        raise ConfigurationError(f"{where}: needs the texts {' and '.join(columns)}")
    label = row.get("label")
    if isinstance(label, bool) or not isinstance(label, int) or not 0 <= label < len(labels):
        raise ConfigurationError(f"{where}: the label must be a number below {len(labels)}, not {quoted(label)}")
    names = ["tokens"] if len(columns) == 1 else ["premise", "hypothesis"]
    texts = {name: row[column].split() for name, column in zip(names, columns)}
    return {"id": identifier, **texts, "label": labels[label]}

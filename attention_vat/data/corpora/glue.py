from typing import ClassVar, Dict, Iterator, List, NamedTuple, Optional, Tuple

from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import quoted
from attention_vat.data.corpora.corpus import Corpus, Example


class Columns(NamedTuple):
    """
    The columns, labels and files of a task.

    # Parameters

    first, second, label : `str`
    labels : `List[str]`
    files : `Dict[str, str]`
        File names by split. GLUE's test files are not among them, since their labels are not public.
    """

    first: str
    second: str
    label: str
    labels: List[str]
    files: Dict[str, str]


NLI = ["entailment", "neutral", "contradiction"]
DEV = {"train": "train.tsv", "validation": "dev.tsv"}
MNLI_FILES = {"train": "train.tsv", "validation": "dev_matched.tsv", "test": "dev_mismatched.tsv"}


class GlueTask(Corpus):
    """
    A sentence-pair task of GLUE ([Wang et al., 2018](https://arxiv.org/abs/1804.07461)), read from TSV files with a
    header and without quoting. Words are split at spaces; otherwise the sentences are as published.

    A source is the directory or the archive of the task, with `train.tsv` and `dev.tsv`, plain or compressed. It is not
    downloaded. GLUE does not publish the labels of its test files; `validation` is the dev file, and for MNLI `test` is
    the mismatched one.
    """

    columns: ClassVar[Columns]

    def read(self) -> Iterator[Tuple[str, Example]]:
        source = self.required_source("the GLUE task")
        for split, name in self.columns.files.items():
            places: Optional[Tuple[int, int, int]] = None
            for where, line in source.lines(source.find(name)):
                cells = line.split("\t")
                if places is None:
                    places = self._places(where, cells)
                    continue
                if not line.strip():
                    continue
                if len(cells) <= max(places):
                    raise ConfigurationError(f"{where}: has {len(cells)} columns, but the header has more")
                first, second, label = (cells[place] for place in places)
                if label not in self.columns.labels:
                    raise ConfigurationError(
                        f"{where}: the label must be one of {', '.join(self.columns.labels)}, not {quoted(label)}"
                    )
                number = where.rpartition(":")[2]
                yield split, {"id": number, "premise": first.split(), "hypothesis": second.split(), "label": label}

    def _places(self, where: str, header: List[str]) -> Tuple[int, int, int]:
        wanted = (self.columns.first, self.columns.second, self.columns.label)
        for name in wanted:
            if name not in header:
                raise ConfigurationError(f"{where}: has no column {name}, only {quoted(', '.join(header))}")
        first, second, label = map(header.index, wanted)
        return first, second, label


@Corpus.register("qqp")
class QuoraQuestionPairs(GlueTask):
    __doc__ = f'{GlueTask.__doc__}\n    Quora Question Pairs. Registered as a `Corpus` with name "qqp".\n    '
    published = {"train": 363846, "validation": 40430}
    exact = False  # copies differ in broken rows
    columns = Columns("question1", "question2", "is_duplicate", ["0", "1"], DEV)


@Corpus.register("mnli")
class MultiNli(GlueTask):
    __doc__ = f'{GlueTask.__doc__}\n    MultiNLI as in GLUE. Registered as a `Corpus` with name "mnli".\n    '
    published = {"train": 392702, "validation": 9815, "test": 9832}
    columns = Columns("sentence1", "sentence2", "gold_label", NLI, MNLI_FILES)


@Corpus.register("qnli")
class QuestionNli(GlueTask):
    __doc__ = f'{GlueTask.__doc__}\n    Question NLI. Registered as a `Corpus` with name "qnli".\n    '
    published = {"train": 104743, "validation": 5463}
    exact = False  # version 1 had other counts
    columns = Columns("question", "sentence", "label", ["entailment", "not_entailment"], DEV)

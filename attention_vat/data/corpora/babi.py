from pathlib import PurePosixPath
from typing import ClassVar, Dict, Iterator, List, Tuple

from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import quoted
from attention_vat.data.corpora.corpus import Corpus, Example
from attention_vat.data.corpora.sources import Source, download
from attention_vat.data.corpora.splits import split_in_two

URL = "http://www.thespermwhale.com/jaseweston/babi/tasks_1-20_v1-2.tar.gz"
SHA256 = "0364ebde659f14d11bc21744516c5ec49d3d06cb692733f66680771244998898"

TASKS = {1: "qa1_single-supporting-fact", 2: "qa2_two-supporting-facts", 3: "qa3_three-supporting-facts"}
FOLDERS = ("en-10k", "en")
VALIDATION_SHARE = 0.15
SEED = 16377
LONGEST_NUMBER = 9  # digits


class Babi(Corpus):
    """
    A bAbI task ([Weston et al., 2015](https://arxiv.org/abs/1502.05698)): the `premise` is the story so far, the
    `hypothesis` a question, the label its answer, one word.

    Texts are in lower case and otherwise as in [Jain & Wallace (2019)](https://arxiv.org/abs/1902.10186): a `.` between
    sentences, none at the end, no question mark; 15% of the training questions are for validation.  All labels are
    kept.  `supporting` lists the numbers, from 0, of the sentences that answer the question.

    A source is a directory or an archive with `qa1_single-supporting-fact_train.txt` and `…_test.txt`, plain or
    compressed; if it has both folders, `en-10k` (10,000 questions) is preferred to `en` (1,000).  Without a source, the
    original archive is downloaded.
    """

    task: ClassVar[int]
    rows = {"train": 10000, "test": 1000}

    def read(self) -> Iterator[Tuple[str, Example]]:
        source = self.source() or download(URL, SHA256)
        rows: Dict[str, List[Example]] = {}
        for split in ("train", "test"):
            name = source.find(f"{TASKS[self.task]}_{split}.txt", folders=FOLDERS)
            rows[split] = list(questions(source, name))
            self.found[split] = len(rows[split])
        training, validation = split_in_two(rows["train"], SEED, test_size=VALIDATION_SHARE)
        for split, examples in (("train", training), ("validation", validation), ("test", rows["test"])):
            for example in examples:
                yield split, example


def questions(source: Source, name: str) -> Iterator[Example]:
    """
    Yields the questions of a file, each with the story so far.  Raises a `ConfigurationError` that names a broken line.
    """
    story: Dict[int, List[str]] = {}  # by the number of a sentence in the file
    part = PurePosixPath(name).name.split(".")[0].rsplit("_", 1)[-1]
    for index, (where, line) in enumerate(source.lines(name), start=1):
        number, _, text = line.strip().partition(" ")
        if not number:
            continue
        if not number.isdecimal() or len(number) > LONGEST_NUMBER or not text:
            raise ConfigurationError(f"{where}: a line must be a number and a sentence, not {quoted(line)}")
        if number == "1":
            story = {}
        question, *rest = [piece.strip() for piece in text.split("\t")]
        if not rest:
            story[int(number)] = words(question)
            continue
        try:
            answer, supporting = rest
            places = {key: place for place, key in enumerate(story)}
            facts = [places[int(fact)] for fact in supporting.split()]
        except (KeyError, ValueError) as error:
            raise ConfigurationError(
                f"{where}: a question must be followed by its answer and the numbers of sentences before it"
            ) from error
        yield {
            "id": f"{part}-{index}",
            "premise": [word for place, said in enumerate(story.values()) for word in ["."] * (place > 0) + said],
            "hypothesis": words(question),
            "label": answer.lower(),
            "supporting": facts,
        }


def words(sentence: str) -> List[str]:
    """Returns the words of a sentence, in lower case, without its final punctuation mark."""
    return sentence.lower().rstrip(".?").split()


@Corpus.register("babi_1")
class BabiOneFact(Babi):
    """
    bAbI task 1, one supporting fact.  See `Babi`.

    Registered as a `Corpus` with name "babi_1".
    """

    task = 1
    published = {"train": 8500, "validation": 1500, "test": 1000, "vocabulary": 24}


@Corpus.register("babi_2")
class BabiTwoFacts(Babi):
    """
    bAbI task 2, two supporting facts.  See `Babi`.

    Registered as a `Corpus` with name "babi_2".
    """

    task = 2
    published = {"train": 8500, "validation": 1500, "test": 1000, "vocabulary": 38}


@Corpus.register("babi_3")
class BabiThreeFacts(Babi):
    """
    bAbI task 3, three supporting facts.  See `Babi`.

    Registered as a `Corpus` with name "babi_3".
    """

    task = 3
    published = {"train": 8500, "validation": 1500, "test": 1000, "vocabulary": 39}

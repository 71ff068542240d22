from pathlib import PurePosixPath
from typing import Iterator, List, Tuple

from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora.corpus import Corpus, Example
from attention_vat.data.corpora.sources import Source, download

URL = "https://cs.stanford.edu/~danqi/data/cnn.tar.gz"
BYTES = 571560380  # no checksum was published

FOLDERS = {"training": "train", "validation": "validation", "test": "test"}
FILES = {"train": "train.txt", "validation": "dev.txt", "test": "test.txt"}
ENTITY = "@entity"


@Corpus.register("cnn")
class CnnNews(Corpus):
    """
    Questions on CNN news ([Hermann et al., 2015](https://arxiv.org/abs/1506.03340)): the `premise` is the article,
    the `hypothesis` a summary of it with `@placeholder` for the entity that is the label.  `candidates` are the
    entities in the article, the only possible answers.

    The tokens are those of the files.  Half of the training questions become unlabelled.

    A source is a directory or an archive with the original `training/*.question`, `validation/*.question` and
    `test/*.question`, or with `train.txt`, `dev.txt` and `test.txt` of
    [Chen et al. (2016)](https://arxiv.org/abs/1606.02858), which Jain & Wallace use, plain or compressed.  Without a
    source, the files of Chen et al. are downloaded; the archive is checked by its size and counts, since no checksum
    was published.

    Registered as a `Corpus` with name "cnn".
    """

    published = {
        "train": 190149,
        "unlabeled": 190149,
        "validation": 3924,
        "test": 3198,
        "vocabulary": 70192,
        "mean_words": 773,
    }
    rows = {"train": 380298, "validation": 3924, "test": 3198}
    min_df = 8
    half_unlabeled = True

    def read(self) -> Iterator[Tuple[str, Example]]:
        source = self.source() or download(URL, size=BYTES)
        return self.halved(self._counted(_from_texts(source) if source.holds("train.txt") else _from_questions(source)))

    def _counted(self, examples: Iterator[Tuple[str, Example]]) -> Iterator[Tuple[str, Example]]:
        for split, example in Tqdm.tqdm(examples, desc="cnn"):
            self.found[split] += 1
            yield split, example


def _from_questions(source: Source) -> Iterator[Tuple[str, Example]]:
    """Reads files of address, article, question, answer and entity names, each followed by an empty line."""
    found = False
    for name, data in source.walk(lambda name: name.endswith(".question")):
        path = PurePosixPath(name)
        split = FOLDERS.get(path.parent.name)
        if split is None:
            raise ConfigurationError(f"{source.where(name)}: must be in a folder training, validation or test")
        found = True
        parts = source.text(name, data).replace("\r\n", "\n").split("\n\n")
        if len(parts) < 4:
            raise ConfigurationError(f"{source.where(name)}: must have an address, an article, a question, an answer")
        yield split, question(source.where(name), path.stem, parts[1], parts[2], parts[3])
    if not found:
        raise ConfigurationError(f"{source.path}: holds neither *.question nor train.txt")


def _from_texts(source: Source) -> Iterator[Tuple[str, Example]]:
    """Reads blocks of four lines, question, answer, article and entity names, each block followed by an empty line."""
    for split, name in FILES.items():
        block: List[str] = []
        number, where = 0, source.where(name)
        for where, line in source.lines(source.find(name)):
            if line.strip():
                block.append(line)
            elif block:
                number += 1
                yield split, _question_of_block(where, f"{split}-{number}", block)
                block = []
        if block:
            yield split, _question_of_block(where, f"{split}-{number + 1}", block)


def _question_of_block(where: str, name: str, block: List[str]) -> Example:
    if len(block) < 3:
        raise ConfigurationError(f"{where}: the lines before must be a question, an answer and an article")
    return question(where, name, block[2], block[0], block[1])


def question(where: str, name: str, article: str, text: str, answer: str) -> Example:
    """Makes the example of a question file. Raises `ConfigurationError` if the answer is not an entity."""
    answer = answer.strip()
    if not answer.startswith(ENTITY):
        raise ConfigurationError(f"{where}: the answer must be an entity such as @entity7, not {answer!r:.40}")
    tokens = article.split()
    return {
        "id": name,
        "premise": tokens,
        "hypothesis": text.split(),
        "label": answer,
        # Each once, in order, and the answer if the article does not name it: no model could give it otherwise.
        "candidates": list(dict.fromkeys([*(token for token in tokens if token.startswith(ENTITY)), answer])),
    }

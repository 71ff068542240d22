import re
from typing import Iterator, List, NamedTuple, Optional, Set, Tuple

from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import quoted
from attention_vat.data.corpora.cleaning import clean_words
from attention_vat.data.corpora.corpus import Corpus, Example
from attention_vat.data.corpora.sources import download

URL = "https://nlp.stanford.edu/sentiment/trainDevTestTrees_PTB.zip"
SHA256 = "5c613a4f673fc74097d523a2c83f38e0cc462984d847b82c7aaf36b01cbbbfcc"

FILES = {"train": "train.txt", "validation": "dev.txt", "test": "test.txt"}
NEUTRAL = 2
ESCAPES = {"-LRB-": "(", "-RRB-": ")"}


@Corpus.register("sst")
class StanfordSentimentTreebank(Corpus):
    """
    The Stanford Sentiment Treebank ([Socher et al., 2013](https://aclanthology.org/D13-1170)) with two classes:
    sentences with the labels 0 and 1 are negative (`"0"`), those with 3 and 4 positive (`"1"`); neutral ones are
    dropped.

    Texts are cleaned as in [Jain & Wallace (2019)](https://arxiv.org/abs/1902.10186), whose notebook counts 13,826
    words, including four special ones; this corpus has the other 13,822.

    A source is a directory or an archive with `train.txt`, `dev.txt` and `test.txt`, one PTB tree per line, plain or
    compressed.  Without a source, the original archive is downloaded.

    Registered as a `Corpus` with name "sst".
    """

    published = {"train": 6920, "validation": 872, "test": 1821, "vocabulary": 13723, "mean_words": 18}

    def read(self) -> Iterator[Tuple[str, Example]]:
        for split, number, nodes, leaves in self._trees():
            label = nodes[-1].label
            if label != NEUTRAL:
                tokens = clean_words(" ".join(leaves))
                yield split, {"id": f"{split}-{number}", "tokens": tokens, "label": str(int(label > NEUTRAL))}

    def _trees(self) -> Iterator[Tuple[str, int, List["Node"], List[str]]]:
        source = self.source() or download(URL, SHA256)
        files = {split: source.find(name) for split, name in FILES.items()}
        for split, name in files.items():
            for number, (where, line) in enumerate(Tqdm.tqdm(source.lines(name), desc=split), start=1):
                if not line.strip():
                    continue
                try:
                    yield (split, number, *read_nodes(line))
                except ValueError as error:
                    raise ConfigurationError(f"{where}: {error}") from error


@Corpus.register("sst_phrases")
class StanfordSentimentPhrases(StanfordSentimentTreebank):
    """
    The Stanford Sentiment Treebank as in GLUE (SST-2): the training set has all distinct phrases of the training
    sentences that are not neutral; the validation and test sets have sentences. Words are in lower case, with
    punctuation. GLUE's training file has 67,349 phrases and lacks some that are in this one.

    Registered as a `Corpus` with name "sst_phrases".
    """

    published = {"train": 67349, "validation": 872, "test": 1821}
    exact = False

    def read(self) -> Iterator[Tuple[str, Example]]:
        seen: Set[str] = set()
        for split, number, nodes, leaves in self._trees():
            words = [word.lower() for word in leaves]
            for place, node in enumerate(nodes if split == "train" else nodes[-1:]):
                tokens = words[node.start : node.end]
                phrase = " ".join(tokens)
                if node.label != NEUTRAL and not (split == "train" and phrase in seen):
                    seen.add(phrase)
                    yield (
                        split,
                        {
                            "id": f"{split}-{number}-{place}",
                            "tokens": tokens,
                            "label": str(int(node.label > NEUTRAL)),
                        },
                    )


class Node(NamedTuple):
    """
    A phrase of a tree.

    # Parameters

    label : `int`
        The sentiment, from 0 to 4.
    start, end : `int`
        The range of its words.
    """

    label: int
    start: int
    end: int


def read_tree(line: str) -> Tuple[int, List[str]]:
    """
    Returns the sentiment of the whole sentence (0 to 4) and its words, from one tree such as
    `(3 (2 A) (3 (3 fine) (2 film)))`. Raises a `ValueError` as `read_nodes` does.
    """
    nodes, words = read_nodes(line)
    return nodes[-1].label, words


def read_nodes(line: str) -> Tuple[List[Node], List[str]]:
    """
    Returns all phrases of a tree, the whole sentence last, and its words.

    The treebank's escapes are undone: `-LRB-` and `-RRB-` are brackets, `\\/` is a slash.
    Raises a `ValueError` that says what is wrong with a broken tree.
    """
    pieces = re.findall(r"[()]|[^\s()]+", line)
    root: Optional[int] = None
    nodes: List[Node] = []
    begun: List[Tuple[int, int]] = []  # for each open bracket: its label, and where its words begin
    words: List[str] = []
    contents: List[int] = []  # for each open bracket: how many words or nodes it holds so far
    position = 0
    while position < len(pieces):
        piece = pieces[position]
        if root is not None and not contents:
            raise ValueError(f"something follows the end of the tree: {quoted(piece)}")
        if piece == "(":
            label = pieces[position + 1] if position + 1 < len(pieces) else ""
            if label not in ("0", "1", "2", "3", "4"):
                raise ValueError(f"a bracket must be followed by a label from 0 to 4, not by {quoted(label)}")
            root = int(label) if root is None else root
            if contents:
                contents[-1] += 1
            contents.append(0)
            begun.append((int(label), len(words)))
            position += 1
        elif piece == ")":
            if not contents or not contents.pop():
                raise ValueError("a bracket closes without a word inside")
            nodes.append(Node(*begun.pop(), len(words)))
        else:
            if not contents:
                raise ValueError(f"a tree must start with a bracket, not with {quoted(piece)}")
            contents[-1] += 1
            words.append(ESCAPES.get(piece, piece.replace("\\/", "/").replace("\\*", "*")))
        position += 1
    if root is None:
        raise ValueError("there is no tree")
    if contents:
        raise ValueError(f"the tree is cut off: {len(contents)} of its brackets are not closed")
    return nodes, words

import re
from typing import Iterator, List, Optional, Tuple

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
    sentences of the labels 0 and 1 are negative (`"0"`), those of 3 and 4 positive (`"1"`), neutral ones are dropped.

    Cleaned as by [Jain & Wallace (2019)](https://arxiv.org/abs/1902.10186), whose notebook counts 13,826 words,
    four special ones among them; this gives the remaining 13,822.

    A source is a directory or an archive with `train.txt`, `dev.txt` and `test.txt`, one PTB tree a line, plain or
    packed.  Without a source the original archive is downloaded.

    Registered as a `Corpus` with name "sst".
    """

    published = {"train": 6920, "validation": 872, "test": 1821, "vocabulary": 13723, "mean_words": 18}

    def read(self) -> Iterator[Tuple[str, Example]]:
        source = self.source() or download(URL, SHA256)
        files = {split: source.find(name) for split, name in FILES.items()}
        for split, name in files.items():
            for number, (where, line) in enumerate(Tqdm.tqdm(source.lines(name), desc=split), start=1):
                if not line.strip():
                    continue
                try:
                    label, leaves = read_tree(line)
                except ValueError as error:
                    raise ConfigurationError(f"{where}: {error}") from error
                if label != NEUTRAL:
                    tokens = clean_words(" ".join(leaves))
                    yield split, {"id": f"{split}-{number}", "tokens": tokens, "label": str(int(label > NEUTRAL))}


def read_tree(line: str) -> Tuple[int, List[str]]:
    """
    The sentiment of the whole sentence (0 to 4) and its words, from one tree such as `(3 (2 A) (3 (3 fine) (2 film)))`.

    The treebank's escapes are undone: `-LRB-` and `-RRB-` are brackets, `\\/` is a slash.
    Raises a `ValueError` that says what is wrong with a broken tree.
    """
    pieces = re.findall(r"[()]|[^\s()]+", line)
    root: Optional[int] = None
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
            position += 1
        elif piece == ")":
            if not contents or not contents.pop():
                raise ValueError("a bracket closes without a word inside")
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
    return root, words

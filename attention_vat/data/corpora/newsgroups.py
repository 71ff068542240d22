import re
from pathlib import PurePosixPath
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple, TypeVar

from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora.cleaning import clean_words
from attention_vat.data.corpora.corpus import Corpus, Example
from attention_vat.data.corpora.rows import json_rows, value
from attention_vat.data.corpora.sources import Source, download
from attention_vat.data.corpora.splits import split_in_two

T = TypeVar("T")

URL = "https://ndownloader.figshare.com/files/5975967"
SHA256 = "8f1b2514ca22a5ade8fbb9cfa5727df95fa587f4c87b786e15c759fa66d95610"

FILES = {"train": "train.jsonl", "test": "test.jsonl"}
FOLDERS = {"20news-bydate-train": "train", "20news-bydate-test": "test"}
LABELS = {"rec.sport.baseball": "0", "rec.sport.hockey": "1"}
SHARE = 0.2
SEED = 13478
LENGTH = range(7, 500)

QUOTED = re.compile(r"^In article|^Quoted from|^[|>]|writes in|writes:|wrote:|says:|said:")


class Post(NamedTuple):
    """One post, before the splits are drawn."""

    group: str
    id: str
    text: str


@Corpus.register("newsgroups")
class Newsgroups(Corpus):
    """
    20 Newsgroups ([Lang, 1995](http://qwone.com/~jason/20Newsgroups/)) with two classes: posts on baseball (`"0"`) and
    on hockey (`"1"`).

    Headers, signatures and quotations are removed with the rules of scikit-learn's `fetch_20newsgroups`, and the posts
    of both parts are pooled in its order; a fifth is for testing and a fifth of the rest for validation, with the seed
    of [Jain & Wallace (2019)](https://arxiv.org/abs/1902.10186).  Words are those of the `words` tokenizer, with `qqq`
    for words with a digit.  Posts with 7 to 499 words are kept.

    A source is the original `20news-bydate.tar.gz`, its unpacked directory, or a directory or an archive with
    `train.jsonl` and `test.jsonl` (keys `id`, `label`, `text`), plain or compressed.  Without a source, the original
    archive is downloaded from the same URL as in scikit-learn.

    Registered as a `Corpus` with name "newsgroups".
    """

    published = {"test": 357, "vocabulary": 6515}
    exact = False  # the number of posts that are too short depends on the words
    rows = {"train": 11314, "test": 7532}
    min_df = 2

    def read(self) -> Iterator[Tuple[str, Example]]:
        source = self.source() or download(URL, SHA256)
        parts: Dict[str, List[Post]] = {"train": [], "test": []}
        for part, post in Tqdm.tqdm(_from_rows(source) if source.holds("train.jsonl") else _from_files(source)):
            parts[part].append(post)
        for part, posts in parts.items():
            self.found[part] = len(posts)
        pooled = in_order_of_scikit_learn([parts["train"], parts["test"]])
        examples = [example for group in LABELS for example in _examples(pooled, group)]
        rest, test = split_in_two(examples, SEED, stratify=[example["label"] for example in examples], test_size=SHARE)
        train, validation = split_in_two(rest, SEED, stratify=[example["label"] for example in rest], test_size=SHARE)
        for split, chosen in (("train", train), ("validation", validation), ("test", test)):
            yield from ((split, example) for example in chosen if len(example["tokens"]) in LENGTH)


def _from_rows(source: Source) -> Iterator[Tuple[str, Post]]:
    for part, name in FILES.items():
        for where, row in json_rows(source, source.find(name)):
            text = value(where, row, "text")
            # In some copies, line ends have become tabs.
            text = text if "\n" in text.strip() else text.replace("\t", "\n")
            yield part, Post(value(where, row, "label"), str(value(where, row, "id", kind=(str, int))), text)


def _from_files(source: Source) -> Iterator[Tuple[str, Post]]:
    found = False
    for name, data in source.walk(lambda name: len(PurePosixPath(name).parts) >= 3):
        folder, group, number = PurePosixPath(name).parts[-3:]
        if folder in FOLDERS:
            found = True
            # Universal newlines, as in Python's text mode.
            text = source.text(name, data, "latin-1").replace("\r\n", "\n").replace("\r", "\n")
            yield FOLDERS[folder], Post(group, number, text)
    if not found:
        raise ConfigurationError(f"{source.path}: holds neither 20news-bydate-train/*/* nor train.jsonl")


def in_order_of_scikit_learn(parts: Sequence[Sequence[Post]]) -> List[Post]:
    """
    Returns the posts in the order of `fetch_20newsgroups(subset="all")`: each part shuffled, then both together.
    """
    pooled: List[Post] = []
    for posts in parts:
        pooled += shuffled(sorted(posts, key=lambda post: (post.group, post.id)), seed=0)
    return shuffled(pooled, seed=42)


def shuffled(items: Sequence[T], seed: int) -> List[T]:
    """Returns the items in a random order, which depends only on the seed."""
    import numpy

    order = numpy.arange(len(items))
    numpy.random.RandomState(seed).shuffle(order)
    return [items[place] for place in order.tolist()]


def _examples(posts: Sequence[Post], group: str) -> Iterator[Example]:
    for post in posts:
        if post.group == group:
            tokens = clean_words(body(post.text), number_token="qqq")
            if tokens:
                yield {"id": f"{group}/{post.id}", "tokens": tokens, "label": LABELS[group]}


def body(text: str) -> str:
    """
    Returns the author's own text in a post: no header (up to the first empty line), no signature (from the last line
    that is empty or consists of hyphens) and no quotations (lines with `>` or `|` in front, or with `writes:` and the
    like).
    """
    _, _, text = text.partition("\n\n")
    lines = text.strip().split("\n")
    ends = [number for number, line in enumerate(lines) if not line.strip().strip("-")]
    # A text of one part is not a signature.
    lines = lines[: ends[-1]] if ends and ends[-1] > 0 else text.split("\n")
    return "\n".join(line for line in lines if not QUOTED.search(line))

import re
from pathlib import PurePosixPath
from typing import Dict, Iterable, Iterator, List, Optional, Tuple

from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import quoted
from attention_vat.data.corpora.corpus import Corpus, Example
from attention_vat.data.corpora.keras_imdb import read_keras_reviews
from attention_vat.data.corpora.parallel import cleaned
from attention_vat.data.corpora.rows import json_rows, value
from attention_vat.data.corpora.sources import Source, download
from attention_vat.data.corpora.splits import split_in_two

URL = "https://s3.amazonaws.com/text-datasets/{}"
# Keras published only MD5s.
MD5 = {"imdb_full.pkl": "d091312047c43cf9e4e38fef92437263", "imdb_word_index.json": "bfafd718b763782e994055a2d397834f"}

FILES = {
    "train": ("imdb_train.jsonl", "train.jsonl"),
    "test": ("imdb_test.jsonl", "test.jsonl"),
    "unlabeled": ("imdb_unsup.jsonl", "unsup.jsonl"),
}
FOLDERS: Dict[Tuple[str, ...], Tuple[str, Optional[str]]] = {
    ("train", "neg"): ("train", "0"),
    ("train", "pos"): ("train", "1"),
    ("test", "neg"): ("test", "0"),
    ("test", "pos"): ("test", "1"),
    ("train", "unsup"): ("unlabeled", None),
}
# What Keras treats as space between words, only to count words; `<br />` gives it one word, as in the paper.
KERAS_SPACE = re.compile(r'[!"#$%&()*+,\-./:;<=>?@\[\\\]^_`{|}~\s]+')

MAX_WORDS = 400
TRAIN_SHARE = 0.8
TEST_SHARE = 0.2
SEED = 1378


@Corpus.register("imdb")
class LargeMovieReviews(Corpus):
    """
    The Large Movie Review Dataset ([Maas et al., 2011](https://aclanthology.org/P11-1015)): reviews of fewer than 400
    words, negative (`"0"`) or positive (`"1"`).

    Reviews are selected and split as in [Jain & Wallace (2019)](https://arxiv.org/abs/1902.10186): 80% of the training
    reviews for training and 20% for validation, and a fifth of the test reviews; to select them, words are counted as
    in Keras.  The words of the corpus are those of the `words` tokenizer, without `<br />`.  Reviews without a label,
    if the source has any, become `unlabeled`.

    A source is a directory or an archive with one of

    - `imdb_full.pkl` and `imdb_word_index.json` of Keras, the origin of the paper's counts; the unpickler accepts only
      numbers, lists and arrays of numbers,
    - the original `aclImdb/{train,test}/{neg,pos,unsup}/*.txt`,
    - `imdb_train.jsonl`, `imdb_test.jsonl` and optionally `imdb_unsup.jsonl`, with `text` and `label` (0 or 1).

    Without a source, the files of Keras are downloaded.

    Registered as a `Corpus` with name "imdb".
    """

    published = {"train": 17186, "validation": 4294, "test": 4353, "vocabulary": 12485, "mean_words": 171}
    exact = False  # the paper also leaves out the longest reviews, and Keras' words differ from those of the raw text
    rows = {"train": 25000, "test": 25000}
    min_df = 10

    def read(self) -> Iterator[Tuple[str, Example]]:
        source = self.source()
        if source is None:
            pickled, index = (download(URL.format(name), digest) for name, digest in MD5.items())
            reviews = read_keras_reviews(pickled, pickled.names()[0], index, index.names()[0])
        elif source.holds("imdb_full.pkl"):
            names = [source.find(name) for name in MD5]
            reviews = read_keras_reviews(source, names[0], source, names[1])
        elif source.holds(*FILES["train"]):
            reviews = _from_rows(source)
        else:
            reviews = _from_files(source)
        return cleaned(self._selected(reviews))

    def _selected(self, reviews: Iterable[Tuple[str, Example]]) -> Iterator[Tuple[str, Example]]:
        labelled: Dict[str, List[Example]] = {"train": [], "test": []}
        for split, example in Tqdm.tqdm(reviews, desc="imdb"):
            self.found[split] += 1
            if len(KERAS_SPACE.sub(" ", example["text"]).split()) >= MAX_WORDS:
                continue
            if split in labelled:
                labelled[split].append(example)
            else:
                yield split, example
        # The order of Keras' files.
        for examples in labelled.values():
            examples.sort(key=lambda example: example["label"], reverse=True)
        train, validation = split_in_two(labelled["train"], SEED, train_size=TRAIN_SHARE)
        test, _ = split_in_two(labelled["test"], SEED, train_size=TEST_SHARE)
        for split, examples in (("train", train), ("validation", validation), ("test", test)):
            yield from ((split, example) for example in examples)


def _from_rows(source: Source) -> Iterator[Tuple[str, Example]]:
    for split, names in FILES.items():
        if split == "unlabeled" and not source.holds(*names):
            continue
        for where, row in json_rows(source, source.find(*names)):
            example: Example = {"text": value(where, row, "text")}
            if "id" in row:
                example = {"id": str(row["id"]), **example}
            if split != "unlabeled":
                example["label"] = str(value(where, row, "label", kind=(int, str)))
                if example["label"] not in ("0", "1"):
                    raise ConfigurationError(f'{where}: "label" must be 0 or 1, not {quoted(example["label"])}')
            yield split, example


def _from_files(source: Source) -> Iterator[Tuple[str, Example]]:
    found = []
    for name, data in source.walk(lambda name: name.endswith(".txt") and PurePosixPath(name).parts[-3:-1] in FOLDERS):
        path = PurePosixPath(name)
        split, label = FOLDERS[path.parts[-3:-1]]
        example: Example = {"id": f"{path.parts[-2]}/{path.stem}", "text": source.text(name, data)}
        number = path.stem.split("_")[0]
        key = (int(number) if number.isdecimal() else 0, example["id"])
        found.append((key, split, example if label is None else {**example, "label": label}))
    if not {"train", "test"} <= {split for _, split, _ in found}:
        raise ConfigurationError(
            f"{source.path}: holds none of imdb_full.pkl, aclImdb/train/pos/*.txt and imdb_train.jsonl"
        )
    # By number, not in the order of the file system.
    found.sort(key=lambda item: item[0])
    return ((split, example) for _, split, example in found)

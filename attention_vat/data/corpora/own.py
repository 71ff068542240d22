"""A corpus of your own texts, from a table or a folder."""

from collections import Counter
from pathlib import PurePosixPath
from typing import Any, Dict, Iterator, List, Optional, Sequence, Set, Tuple

from allennlp.common.checks import ConfigurationError

from attention_vat.common.configurations import choices
from attention_vat.data.corpora.corpus import Corpus, Example
from attention_vat.data.corpora.parallel import cleaned
from attention_vat.data.corpora.rows import csv_rows, json_rows
from attention_vat.data.corpora.sources import UNPACK, Source
from attention_vat.data.corpora.splits import split_in_two
from attention_vat.data.corpora.statistics import LABELLED_SPLITS, TEXTS

SPLITS = {
    **{split: split for split in (*LABELLED_SPLITS, "unlabeled")},
    **{"training": "train", "dev": "validation", "val": "validation", "valid": "validation", "unsup": "unlabeled"},
}
DELIMITERS = {".csv": ",", ".tsv": "\t"}
TABLES = (*DELIMITERS, ".jsonl")
LONG = 1000
"""Training is slow on texts with more words."""


@Corpus.register("own")
class OwnTexts(Corpus):
    """
    Your own texts, cleaned as the tokenizer `words` does. The names of the classes are the labels.

    A source is a table with its column names in the first line (`.csv` or `.tsv`), a `.jsonl` file with one object per
    line, or a folder of `.txt` files, one text each, in folders named after their classes (`negative/*.txt`). Files may
    be compressed (`.xz`, `.gz`, `.bz2`) or in an archive. Files or folders named `train`, `validation` (or `dev`) and
    `test` are the splits; a missing split is drawn at random from the training texts, with the same share of each
    class. A row without a label becomes unlabelled text.

    Registered as a `Corpus` with name "own".

    # Parameters

    sources, sample, seed, all_labeled, labeled
        See `Corpus`.
    text_columns : `Sequence[str]`, optional (default = `("text",)`)
        One column, or the two of a premise and a hypothesis.
    label_column : `str`, optional (default = `"label"`)
    shares : `Sequence[float]`, optional (default = `(0.8, 0.1, 0.1)`)
        The shares of training, validation and test texts, if the source has no splits.

    Raises `ConfigurationError` while reading, for a missing column and for bytes that are not UTF-8 (with file and
    line), and for a class with too few texts to split.
    """

    def __init__(
        self,
        sources: Sequence[str] = (),
        sample: Optional[int] = None,
        seed: int = 13370,
        all_labeled: bool = False,
        labeled: Optional[int] = None,
        text_columns: Sequence[str] = ("text",),
        label_column: str = "label",
        shares: Sequence[float] = (0.8, 0.1, 0.1),
    ) -> None:
        super().__init__(sources, sample, seed, all_labeled, labeled)
        if len(text_columns) not in (1, 2):
            raise ConfigurationError(f"--text-column takes one column or two, not {len(text_columns)}")
        if len(shares) != 3 or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-6:
            raise ConfigurationError(
                f"--shares are {' '.join(map(str, shares))}, but must be three numbers above 0 that sum to 1"
            )
        self.keys = dict(zip(("text",) if len(text_columns) == 1 else ("premise", "hypothesis"), text_columns))
        self.label_column = label_column
        self.shares = shares
        self._texts: Dict[str, Set[Tuple[str, ...]]] = {}
        self._counts: Dict[str, Counter] = {}
        self._repeated: Counter = Counter()
        self._empty: List[str] = []
        self._long: List[Tuple[int, str]] = []

    def read(self) -> Iterator[Tuple[str, Example]]:
        source = self.required_source("A corpus of your own")
        tables = _tables(source)
        examples = list(self._of_tables(source, tables) if tables else self._of_folders(source))
        if not examples:
            raise ConfigurationError(
                f"{source.path}: holds no table ({', '.join(TABLES)}) and no folder of a class with .txt files"
            )
        for split, example in cleaned(self._completed(source, examples)):
            if self._is_kept(split, example):
                yield split, example

    def _of_tables(self, source: Source, tables: Dict[str, str]) -> Iterator[Tuple[str, Example]]:
        for split, name in tables.items():
            for number, (where, row) in enumerate(_rows(source, name), start=1):
                texts = {key: self._value(where, row, column) for key, column in self.keys.items()}
                label = (
                    row.get(self.label_column) if split == "unlabeled" else self._value(where, row, self.label_column)
                )
                identifier = {"id": str(row.get("id") or f"{split}-{number}")}
                if label is None or label == "":
                    yield "unlabeled", {**identifier, **texts}
                else:
                    yield split, {**identifier, **texts, "label": str(label)}

    def _value(self, where: str, row: Dict[str, Any], column: str) -> Any:
        if column not in row:
            option = "--label-column" if column == self.label_column else "--text-column"
            columns = [name for name in row if name is not None]
            raise ConfigurationError(
                f"{where}: has no column {column!r}; name it with {option} ({choices(column, columns)})"
            )
        if isinstance(row[column], (dict, list)) or (row[column] is None and column != self.label_column):
            raise ConfigurationError(f"{where}: {column!r} is not a text")
        return row[column] if column == self.label_column else str(row[column])

    def _of_folders(self, source: Source) -> Iterator[Tuple[str, Example]]:
        if "text" not in self.keys:
            raise ConfigurationError("a folder of texts has no pairs; use a table with a column for each text")
        for name, data in source.walk(lambda name: _stem(name)[1] == ".txt" and len(PurePosixPath(name).parts) > 1):
            *folders, label = PurePosixPath(name).parts[:-1]
            split = next((SPLITS[folder.lower()] for folder in folders[::-1] if folder.lower() in SPLITS), "train")
            example = {"id": f"{label}/{_stem(name)[0]}", "text": source.text(name, data)}
            if SPLITS.get(label.lower()) == "unlabeled":
                yield "unlabeled", example
            else:
                yield split, {**example, "label": label}

    def _completed(self, source: Source, examples: List[Tuple[str, Example]]) -> Iterator[Tuple[str, Example]]:
        splits: Dict[str, List[Example]] = {split: [] for split in (*LABELLED_SPLITS, "unlabeled")}
        for split, example in examples:
            splits[split].append(example)
        left = sum(self.shares)
        for split, share in reversed(list(zip(LABELLED_SPLITS[1:], self.shares[1:]))):
            if not splits[split]:
                labels = [example["label"] for example in splits["train"]]
                rare = [label for label, count in Counter(labels).items() if count < 3]
                if not labels:
                    raise ConfigurationError(f"{source.path}: has no training text with a label")
                if rare:
                    raise ConfigurationError(
                        f"{source.path}: the class {rare[0]!r} has fewer than 3 texts, too few for training, "
                        "validation and test; add more, or leave the class out"
                    )
                size = max(round(len(labels) * share / left), len(set(labels)))
                splits["train"], splits[split] = split_in_two(splits["train"], self.seed, labels, test_size=size)
            left -= share
        return ((split, example) for split, some in splits.items() for example in some)

    def _is_kept(self, split: str, example: Example) -> bool:
        where = f"{example['id']} of {split}"
        texts = [example[key] for key in TEXTS if key in example]
        if not all(texts):
            self._empty.append(where)
            return False
        words = tuple(word for text in texts for word in (*text, ""))
        if split != "unlabeled":
            earlier = [other for other, some in self._texts.items() if words in some]
            self._repeated.update((other, split) for other in earlier if other != split)
            self._texts.setdefault(split, set()).add(words)
            self._counts.setdefault(split, Counter())[example["label"]] += 1
        longest = max(map(len, texts))
        if longest > LONG:
            self._long.append((longest, where))
        return True

    def warnings(self) -> List[str]:
        found = [
            f"{count:,} texts of {split} are also in {other}: scores on them are too high"
            for (other, split), count in self._repeated.items()
        ]
        classes = sorted({label for counts in self._counts.values() for label in counts})
        if len(classes) == 1:
            found.append(f"there is only one class, {classes[0]!r}")
        found += [
            f"no text of {split} has the class {label!r}"
            for split, counts in self._counts.items()
            for label in classes
            if label not in counts
        ]
        if self._empty:
            found.append(f"texts without words, which are left out: {len(self._empty):,}, such as {self._empty[0]}")
        if self._long:
            longest, where = max(self._long)
            found.append(
                f"texts of more than {LONG:,} words: {len(self._long):,}, the longest has {longest:,} ({where}); "
                "`max_tokens` of the dataset reader cuts them"
            )
        return found


def _stem(name: str) -> Tuple[str, str]:
    """Returns the name of a file without folder and compression, in two parts: `("reviews", ".csv")`."""
    path = PurePosixPath(name)
    path = path.with_suffix("") if path.suffix in UNPACK else path
    return path.stem, path.suffix.lower()


def _tables(source: Source) -> Dict[str, str]:
    """Returns the tables of a source by split; a single table is `train`, whatever its name."""
    names = [name for name in source.names() if _stem(name)[1] in TABLES]
    if len(names) == 1:
        return {"train": names[0]}
    tables: Dict[str, str] = {}
    for name in names:
        split = SPLITS.get(_stem(name)[0].lower())
        if split in tables:
            raise ConfigurationError(f"{source.path}: {tables[split]} and {name} are both for {split}; keep one")
        if split is not None:
            tables[split] = name
    if names and "train" not in tables:
        raise ConfigurationError(
            f"{source.path}: holds several tables ({', '.join(names[:3])}) and none is called train; name one file"
        )
    return tables


def _rows(source: Source, name: str) -> Iterator[Tuple[str, Dict[str, Any]]]:
    suffix = _stem(name)[1]
    if suffix not in DELIMITERS:
        yield from json_rows(source, name)
        return
    header: Optional[List[str]] = None
    for where, row in csv_rows(source, name, delimiter=DELIMITERS[suffix]):
        if header is None:
            header = [column.strip() for column in row]
            repeated = [column for column, count in Counter(header).items() if count > 1]
            if repeated:
                raise ConfigurationError(f"{where}: has the column {repeated[0]!r} more than once")
        elif len(row) != len(header):
            raise ConfigurationError(f"{where}: has {len(row)} columns, but the first line has {len(header)}")
        else:
            yield where, dict(zip(header, row))

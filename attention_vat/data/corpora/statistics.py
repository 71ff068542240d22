"""
Counts what a corpus holds (examples per split and class, vocabulary, mean length) and compares it with a paper.
"""

from collections import Counter
from typing import Any, Dict, Iterable, List, Optional, Sequence

LABELLED_SPLITS = ("train", "validation", "test")
TEXTS = ("tokens", "premise", "hypothesis")
_ORDER = (*LABELLED_SPLITS, "unlabeled")


class SplitStatistics:
    """
    Counts of one split, collected while it is written.
    """

    def __init__(self) -> None:
        self.sentences = 0
        self.words = 0
        self.classes: Dict[str, int] = {}
        self.vocabulary: "Counter[str]" = Counter()
        """For each word, the number of texts with it."""

    def add(self, label: Optional[str], *texts: Sequence[str]) -> None:
        """
        Counts an example: a sentence, or the two texts of a pair.
        """
        self.sentences += 1
        for text in texts:
            self.words += len(text)
            self.vocabulary.update(set(text))
        if label is not None:
            self.classes[label] = self.classes.get(label, 0) + 1

    def as_dict(self) -> Dict[str, Any]:
        """Returns the counts as they are written to `statistics.json`."""
        summary: Dict[str, Any] = {"sentences": self.sentences, "words": self.words}
        summary["mean_words"] = round(self.words / self.sentences, 2) if self.sentences else 0.0
        summary["vocabulary"] = len(self.vocabulary)
        if self.classes:
            summary["classes"] = dict(sorted(self.classes.items()))
        return summary


def summarize(
    splits: Dict[str, SplitStatistics], min_df: int = 1, vocabulary_of: Sequence[str] = ("train",)
) -> Dict[str, Any]:
    """
    Returns the content of `statistics.json`.

    `vocabulary` is the number of distinct words in the training split (or in the pool, if there is nothing else), from
    which a model's vocabulary is built; `mean_words` is the mean over all labelled sentences.

    # Parameters

    splits : `Dict[str, SplitStatistics]`
    min_df : `int`, optional (default = `1`)
        `vocabulary` counts words that occur in at least this many texts.
    vocabulary_of : `Sequence[str]`, optional (default = `("train",)`)
        The splits in which `vocabulary` is counted.
    """
    labelled = [split for name, split in splits.items() if name.startswith(LABELLED_SPLITS)] or list(splits.values())
    sentences = sum(split.sentences for split in labelled)
    first = [splits[name] for name in vocabulary_of if name in splits] or labelled[:1]
    in_order = sorted(splits, key=lambda name: _ORDER.index(name.split("_")[0]) if name.split("_")[0] in _ORDER else 9)
    return {
        "splits": {name: splits[name].as_dict() for name in in_order},
        "vocabulary": _frequent_words([split.vocabulary for split in first], min_df),
        **({"vocabulary_min_df": min_df} if min_df > 1 else {}),
        "mean_words": round(sum(split.words for split in labelled) / sentences, 2) if sentences else 0.0,
    }


def _frequent_words(vocabularies: "List[Counter[str]]", min_df: int) -> int:
    total: "Counter[str]" = Counter()
    for vocabulary in vocabularies:
        total.update(vocabulary)
    return sum(count >= min_df for count in total.values())


def flat_counts(statistics: Dict[str, Any]) -> Dict[str, float]:
    """
    Returns the numbers that papers report: sentences of each split, vocabulary, mean words.
    """
    counts = {name: split["sentences"] for name, split in statistics["splits"].items()}
    return {**counts, "vocabulary": statistics["vocabulary"], "mean_words": statistics["mean_words"]}


def comparison_table(published: Dict[str, float], statistics: Dict[str, Any]) -> str:
    """
    Returns a line for each number, "published / got / difference", with a dash if nothing was published, and a last
    line for a partial source.
    """
    got = flat_counts(statistics)
    rows = [("", "published", "got", "difference")]
    for name in [*got, *(name for name in published if name not in got)]:
        number = "{:,.1f}".format if name == "mean_words" else "{:,.0f}".format
        value = got.get(name, 0)
        if name in published:
            gap = value - published[name]
            expected, difference = number(published[name]), ("+" if gap > 0 else "") + number(gap)
        else:
            expected, difference = "-", "-"
        rows.append((name.replace("_", " "), expected, number(value), difference))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(row[column].rjust(widths[column]) for column in (1, 2, 3))])
        for row in rows
    ]
    return "\n".join([*lines, *_partial_lines(statistics.get("partial", {}))])


def _partial_lines(partial: Dict[str, Dict[str, int]]) -> Iterable[str]:
    if partial:
        parts = [f"{rows['read']:,} of {rows['published']:,} rows of {split}" for split, rows in partial.items()]
        yield f"partial source: {', '.join(parts)}; differences are expected"

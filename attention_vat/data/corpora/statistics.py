"""
What a made corpus holds: counts per split and class, vocabulary, mean length; and how that compares with a paper.
"""

from typing import Any, Dict, List, Optional, Set

LABELLED_SPLITS = ("train", "validation", "test")


class SplitStatistics:
    """
    Counts of one split, collected while it is written.
    """

    def __init__(self) -> None:
        self.sentences = 0
        self.words = 0
        self.classes: Dict[str, int] = {}
        self.vocabulary: Set[str] = set()

    def add(self, tokens: List[str], label: Optional[str]) -> None:
        self.sentences += 1
        self.words += len(tokens)
        self.vocabulary.update(tokens)
        if label is not None:
            self.classes[label] = self.classes.get(label, 0) + 1

    def as_dict(self) -> Dict[str, Any]:
        summary: Dict[str, Any] = {"sentences": self.sentences, "words": self.words}
        summary["mean_words"] = round(self.words / self.sentences, 2) if self.sentences else 0.0
        summary["vocabulary"] = len(self.vocabulary)
        if self.classes:
            summary["classes"] = dict(sorted(self.classes.items()))
        return summary


def summarize(splits: Dict[str, SplitStatistics]) -> Dict[str, Any]:
    """
    The content of `statistics.json`.

    `vocabulary` is the number of different words of the training split (of the pool, where there is nothing else),
    since that is what a model's vocabulary is built from; `mean_words` is over all labelled sentences.
    """
    labelled = [splits[name] for name in LABELLED_SPLITS if name in splits] or list(splits.values())
    sentences = sum(split.sentences for split in labelled)
    first = splits.get("train") or (labelled[0] if labelled else SplitStatistics())
    return {
        "splits": {name: split.as_dict() for name, split in splits.items()},
        "vocabulary": len(first.vocabulary),
        "mean_words": round(sum(split.words for split in labelled) / sentences, 2) if sentences else 0.0,
    }


def flat_counts(statistics: Dict[str, Any]) -> Dict[str, float]:
    """
    The numbers that papers print: sentences of each split, vocabulary, mean words.
    """
    counts = {name: split["sentences"] for name, split in statistics["splits"].items()}
    return {**counts, "vocabulary": statistics["vocabulary"], "mean_words": statistics["mean_words"]}


def comparison_table(published: Dict[str, float], statistics: Dict[str, Any]) -> str:
    """
    A line for each number, "published / got / difference"; a dash where nothing was published.
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
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *(row[column].rjust(widths[column]) for column in (1, 2, 3))])
        for row in rows
    )

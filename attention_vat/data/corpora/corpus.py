import json
from collections import Counter
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from typing import IO, Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Union

from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora.output import written_aside
from attention_vat.data.corpora.sources import Source
from attention_vat.data.corpora.splits import keep_labels, unlabel_half
from attention_vat.data.corpora.statistics import (
    TEXTS,
    SplitStatistics,
    comparison_table,
    flat_counts,
    summarize,
)

Example = Dict[str, Any]


class Corpus(Registrable):
    """
    A corpus that `allennlp make-dataset` can make: where it comes from, how it is cleaned and split, and the counts
    that the paper reports.

    A subclass registers a name, states `published`, and yields cleaned examples from `read`; this class checks, counts
    and writes them.  Each split goes to `<split>.jsonl`, one object per line, in the format of the `single_sequence`
    reader, or of `pair_sequence` for a corpus of pairs.

    # Parameters

    sources : `Sequence[str]`, optional (default = `()`)
        Local directories, archives or files to read instead of downloading.
    sample : `int`, optional (default = `None`)
        The number of sentences to draw at random from a pool of unlabelled sentences.  Raises a `ConfigurationError`
        for a corpus that is not a pool.
    seed : `int`, optional (default = `13370`)
        The seed of all draws.  Splits with a published seed use that seed.
    all_labeled : `bool`, optional (default = `False`)
        Keep all labels of a training set that otherwise becomes half unlabelled.  Raises a `ConfigurationError` for
        other corpora.
    labeled : `int`, optional (default = `None`)
        The number of training examples that keep their labels, drawn at random; the others become unlabelled.  Raises
        a `ConfigurationError` for a pool.
    """

    published: Dict[str, float] = {}
    """Counts that the paper reports: sentences by split name, `vocabulary`, `mean_words`."""

    exact: bool = True
    """Whether a complete source must give the published number of sentences."""

    rows: Dict[str, int] = {}
    """Row counts of the published files, which `read` counts in `self.found`; with fewer, a source is partial."""

    min_df: int = 1
    """The published vocabulary counts words in at least this many texts."""

    is_pool: bool = False
    """Whether this is a pool of unlabelled sentences."""

    half_unlabeled: bool = False
    """Whether half of the training set becomes unlabelled."""

    def __init__(
        self,
        sources: Sequence[str] = (),
        sample: Optional[int] = None,
        seed: int = 13370,
        all_labeled: bool = False,
        labeled: Optional[int] = None,
    ) -> None:
        if sample is not None and not self.is_pool:
            raise ConfigurationError("--sample draws from a pool of unlabelled sentences; this corpus is not a pool")
        if sample is not None and sample < 1:
            raise ConfigurationError(f"--sample must be at least 1, not {sample}")
        if all_labeled and not self.half_unlabeled:
            raise ConfigurationError("--all-labeled is for corpora that become half unlabelled; this one does not")
        if labeled is not None and self.is_pool:
            raise ConfigurationError("--labeled is for a corpus with labels; this is a pool of unlabelled sentences")
        if labeled is not None and labeled < 1:
            raise ConfigurationError(f"--labeled must be at least 1, not {labeled}")
        self.sources = list(sources)
        self.sample = sample
        self.seed = seed
        self.all_labeled = all_labeled
        self.labeled = labeled
        self.found: Dict[str, int] = Counter()
        if all_labeled:
            counts = dict(self.published)
            counts["train"] += counts.pop("unlabeled")
            self.published = counts
        if labeled is not None:
            changed = ("train", "unlabeled", "vocabulary", "mean_words")
            self.published = {split: count for split, count in self.published.items() if split not in changed}

    def read(self) -> Iterator[Tuple[str, Example]]:
        """
        Yields `(split, example)`: a split name, and an object with `tokens` (cleaned words) and, if known, `label`,
        `id` and more.
        """
        raise NotImplementedError

    def source(self) -> Optional[Source]:
        """
        Returns the only `--source`, or `None` to download the corpus.

        Raises `ConfigurationError` if there are several.
        """
        if len(self.sources) > 1:
            raise ConfigurationError(f"give one --source, a directory or an archive, not {len(self.sources)}")
        return Source(self.sources[0]) if self.sources else None

    def required_source(self, what: str) -> Source:
        """
        Returns the only `--source` of a corpus that is not downloaded; messages call it `what`.

        Raises `ConfigurationError` if there is none.
        """
        source = self.source()
        if source is None:
            raise ConfigurationError(f"{what} is not downloaded; get it and name it with --source")
        return source

    def halved(self, examples: Iterable[Tuple[str, Example]]) -> Iterator[Tuple[str, Example]]:
        """
        Moves half of `train` to `unlabeled`, unless all labels are kept.
        """
        return iter(examples) if self.all_labeled else unlabel_half(examples, self.seed)

    def partial(self) -> Dict[str, Dict[str, int]]:
        """
        Returns the splits with fewer rows in the source than were published.
        """
        return {
            split: {"read": self.found[split], "published": rows}
            for split, rows in self.rows.items()
            if self.found[split] < rows
        }

    def warnings(self) -> List[str]:
        """Returns warnings about the examples that were read, one sentence each."""
        return []

    def check(self, statistics: Dict[str, Any]) -> None:
        """
        Raises a `ConfigurationError` if the counts of a complete source differ from those published.
        """
        got = flat_counts(statistics)
        for split in self.published if self.exact and not self.partial() else ():
            if split not in ("vocabulary", "mean_words") and got.get(split, 0) != self.published[split]:
                raise ConfigurationError(
                    f"{split} has {got.get(split, 0):,.0f} sentences, but {self.published[split]:,.0f} were published: "
                    "the source is incomplete or another version; nothing was written"
                )

    def make(self, output_dir: Union[str, PathLike], force: bool = False) -> Dict[str, Any]:
        """
        Reads the corpus, writes it to a directory and prints the table "published / got / difference".

        # Parameters

        output_dir : `Union[str, PathLike]`
            Written under a temporary name and renamed when complete.  Raises a `ConfigurationError` if it is not empty,
            unless `force` is given.
        force : `bool`, optional (default = `False`)
            Replace the output of an earlier run.

        # Returns

        statistics : `Dict[str, Any]`
            The content of `statistics.json`.
        """
        with written_aside(Path(output_dir), force) as aside:
            statistics = self._write(aside)
            print(comparison_table(self.published, statistics))
            self.check(statistics)
            warnings = self.warnings()
            for warning in warnings:
                print(f"warning: {warning}")
            if warnings:
                statistics["warnings"] = warnings
            if self.sample is not None:
                statistics.update(sample=self.sample, seed=self.seed)
            if self.labeled is not None:
                statistics.update(labeled=self.labeled, seed=self.seed)
            with open(aside / "statistics.json", "w", encoding="utf-8") as file:
                json.dump(statistics, file, indent=2)
                file.write("\n")
        return statistics

    def _write(self, directory: Path) -> Dict[str, Any]:
        splits: Dict[str, SplitStatistics] = {}
        files: Dict[str, IO[str]] = {}
        with ExitStack() as stack:
            examples = self.read()
            if self.labeled is not None:
                examples = keep_labels(examples, self.labeled, self.seed)
            for split, example in examples:
                if split not in splits:
                    path = directory / f"{split}.jsonl"
                    files[split] = stack.enter_context(open(path, "w", encoding="utf-8", newline="\n"))
                    splits[split] = SplitStatistics()
                splits[split].add(example.get("label"), *(example[key] for key in TEXTS if key in example))
                files[split].write(json.dumps(example, ensure_ascii=False) + "\n")
        statistics = summarize(splits, self.min_df, ("train", "unlabeled") if self.half_unlabeled else ("train",))
        return {**statistics, "partial": self.partial()} if self.partial() else statistics

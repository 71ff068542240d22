import json
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from typing import IO, Any, Dict, Iterator, Optional, Sequence, Tuple, Union

from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError

from attention_vat.data.corpora.output import written_aside
from attention_vat.data.corpora.statistics import (
    LABELLED_SPLITS,
    SplitStatistics,
    comparison_table,
    flat_counts,
    summarize,
)

Example = Dict[str, Any]


class Corpus(Registrable):
    """
    A corpus that `allennlp make-dataset` can make: where it comes from, how it is cleaned and split, and what the
    paper says that comes out.

    A subclass registers a name, states `published`, and yields cleaned examples from `read`; checking, counting and
    writing are done here.  Each split goes to `<split>.jsonl`, one object a line, in the format that the
    `single_sequence` reader takes.

    # Parameters

    sources : `Sequence[str]`, optional (default = `()`)
        Local directories, archives or files to read instead of downloading.
    sample : `int`, optional (default = `None`)
        Of a pool of unlabelled sentences, draw this many at random.  Raises a `ConfigurationError` for a corpus that
        is no pool.
    seed : `int`, optional (default = `13370`)
        For everything that is drawn.
    """

    published: Dict[str, float] = {}
    """Counts of the paper: sentences by split name, `vocabulary`, `mean_words`."""

    is_pool: bool = False
    """Whether this is a pool of unlabelled sentences."""

    def __init__(self, sources: Sequence[str] = (), sample: Optional[int] = None, seed: int = 13370) -> None:
        if sample is not None and not self.is_pool:
            raise ConfigurationError("--sample draws from a pool of unlabelled sentences; this corpus is none")
        if sample is not None and sample < 1:
            raise ConfigurationError(f"--sample must be at least 1, not {sample}")
        self.sources = list(sources)
        self.sample = sample
        self.seed = seed

    def read(self) -> Iterator[Tuple[str, Example]]:
        """
        Yields `(split, example)`: a split name, and an object with `tokens` (words, cleaned), and where they are
        known `label`, `id` and more.
        """
        raise NotImplementedError

    def check(self, statistics: Dict[str, Any]) -> None:
        """
        Raises a `ConfigurationError` if the labelled counts are not those published.
        """
        got = flat_counts(statistics)
        for split in LABELLED_SPLITS:
            if split in self.published and got.get(split, 0) != self.published[split]:
                raise ConfigurationError(
                    f"{split} has {got.get(split, 0):,.0f} sentences, published are {self.published[split]:,.0f}: "
                    "the source is incomplete or another version; nothing was written"
                )

    def make(self, output_dir: Union[str, PathLike], force: bool = False) -> Dict[str, Any]:
        """
        Reads the corpus, writes it to a directory and prints the table "published / got / difference".

        # Parameters

        output_dir : `Union[str, PathLike]`
            Written aside and renamed when complete.  Raises a `ConfigurationError` if it holds anything, unless
            `force` is given.
        force : `bool`, optional (default = `False`)
            Replace what an earlier run made.

        # Returns

        statistics : `Dict[str, Any]`
            What `statistics.json` holds.
        """
        with written_aside(Path(output_dir), force) as aside:
            statistics = self._write(aside)
            print(comparison_table(self.published, statistics))
            self.check(statistics)
            if self.sample is not None:
                statistics.update(sample=self.sample, seed=self.seed)
            with open(aside / "statistics.json", "w", encoding="utf-8") as file:
                json.dump(statistics, file, indent=2)
                file.write("\n")
        return statistics

    def _write(self, directory: Path) -> Dict[str, Any]:
        splits: Dict[str, SplitStatistics] = {}
        files: Dict[str, IO[str]] = {}
        with ExitStack() as stack:
            for split, example in self.read():
                if split not in splits:
                    path = directory / f"{split}.jsonl"
                    files[split] = stack.enter_context(open(path, "w", encoding="utf-8", newline="\n"))
                    splits[split] = SplitStatistics()
                splits[split].add(example["tokens"], example.get("label"))
                files[split].write(json.dumps(example, ensure_ascii=False) + "\n")
        return summarize(splits)

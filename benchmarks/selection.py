"""
Time, memory and recall of `allennlp select-unlabeled`, with each strategy in a separate process.

    python -m benchmarks.selection --labeled data/sst/train.jsonl --pool data/pool/unlabeled.jsonl --vectors glove.txt

With `--reviews`, sentences of reviews are added until both sets have the requested sizes: sentences from the first file
to the labelled ones; sentences from the other files, and then the rest of the first file, to the pool.

    python -m benchmarks.selection … --reviews imdb_train.jsonl.xz imdb_unsup.jsonl.xz --sizes 50000 1000000
"""

import argparse
import json
import os
import random
import re
import resource
import sys
import tempfile
import time
from itertools import chain, islice
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import numpy
from allennlp.common.file_utils import open_compressed

import attention_vat
from attention_vat.data.corpora.cleaning import clean_words
from attention_vat.data.selection import (
    BagOfWords,
    MeanEmbedding,
    NearestNeighbors,
    RandomSelection,
    SelectionStrategy,
    select_unlabeled,
)
from attention_vat.data.selection.search import ExactSearch, Neighbors
from benchmarks.apart import apart

# Splits after a full stop before a capital letter, and at line breaks.
SENTENCE_END = re.compile(r"(?<=[.!?])[\"')]*\s+(?=[A-Z\"'(])|(?:<br />\s*)+")


class Recorded:
    """A search that keeps its pool and the queries, so that its recall can be measured without building it again."""

    def __init__(self, pool: Any, search: Any) -> None:
        self.pool = pool
        self._search = search

    def search(self, queries: Any, k: int) -> Neighbors:
        self.queries = queries
        return self._search.search(queries, k)

    def recall(self, k: int, sample: int) -> float:
        """Of the `k` nearest of some labelled sentences, the share that is found."""
        size = self.queries.shape[0]
        queries = self.queries[numpy.random.default_rng(0).choice(size, min(size, sample), replace=False)]
        found, _ = self._search.search(queries, k)
        right, _ = ExactSearch(self.pool).search(queries, k)
        return float(numpy.mean([len(numpy.intersect1d(*pair)) / k for pair in zip(found, right)]))


class Recording(NearestNeighbors):
    def search_in(self, vectors: Any) -> Any:
        self.recorded = Recorded(vectors, super().search_in(vectors))
        return self.recorded


def review_sentences(path: str) -> Iterator[str]:
    with open_compressed(path) as file:
        for line in file:
            for sentence in SENTENCE_END.split(json.loads(line)["text"]):
                words = clean_words(sentence)
                if len(words) > 2:
                    yield json.dumps({"tokens": words}, ensure_ascii=False) + "\n"


def add_reviews(labeled: str, pool: str, reviews: List[str], sizes: List[int], directory: str) -> Tuple[str, str]:
    """Files with the wanted numbers of different sentences, none of them in both."""
    with open_compressed(labeled) as of_labeled, open_compressed(pool) as of_pool:
        labeled_lines, pool_lines = of_labeled.readlines(), of_pool.readlines()
    seen = {hash(line) for line in pool_lines}
    more = [line for line in dict.fromkeys(review_sentences(reviews[0])) if hash(line) not in seen]
    random.Random(0).shuffle(more)
    missing = max(0, sizes[0] - len(labeled_lines))
    labeled_lines += more[:missing]
    seen.update(map(hash, more))
    others = (line for path in reviews[1:] for line in review_sentences(path))
    new = (line for line in others if hash(line) not in seen and not seen.add(hash(line)))  # type: ignore[func-returns-value]
    pool_lines += islice(chain(new, more[missing:]), max(0, sizes[1] - len(pool_lines)))
    paths = (str(Path(directory) / "labeled.jsonl"), str(Path(directory) / "pool.jsonl"))
    for path, lines in zip(paths, (labeled_lines, pool_lines)):
        Path(path).write_text("".join(lines), encoding="utf-8")
    return paths


def measure(
    name: str, labeled: str, pool: str, vectors: str, neighbors: int, sample: int, output: str
) -> Dict[str, Any]:
    """Selects once; seconds and MB are of reading, selecting and writing."""
    strategies: Dict[str, SelectionStrategy] = {
        "random": RandomSelection(),
        "bag_of_words": Recording(BagOfWords()),
        "mean_embedding": Recording(MeanEmbedding(vectors)),
        "mean_embedding --exact": Recording(MeanEmbedding(vectors), exact=True),
    }
    strategy = strategies[name]
    start, cpu = time.perf_counter(), time.process_time()
    selection = select_unlabeled(labeled, pool, output, strategy, neighbors)
    result = {"name": name, "seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result["mb"] = kilobytes / 1e6 if sys.platform == "darwin" else kilobytes / 1e3
    result["selection"] = selection
    if isinstance(strategy, Recording):
        result["recall"] = strategy.recorded.recall(10, sample)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labeled", default="fixtures/example/train.jsonl")
    parser.add_argument("--pool", default="fixtures/example/unlabeled.jsonl")
    parser.add_argument("--vectors", help="word vectors; without them only bag_of_words is measured")
    parser.add_argument("--reviews", nargs="+", default=[], metavar="FILE", help="jsonl with a text on each line")
    parser.add_argument("--sizes", nargs=2, type=int, default=[50_000, 1_000_000], metavar="N")
    parser.add_argument("--sample", type=int, default=2000, help="labelled sentences to measure the recall on")
    parser.add_argument("--neighbors", type=int, default=10)
    arguments = parser.parse_args()
    names = ["random", "bag_of_words"] + (["mean_embedding", "mean_embedding --exact"] if arguments.vectors else [])
    with tempfile.TemporaryDirectory() as directory:
        labeled, pool = arguments.labeled, arguments.pool
        if arguments.reviews:
            labeled, pool = apart(add_reviews, labeled, pool, arguments.reviews, arguments.sizes, directory)
        versions = f"attention_vat {attention_vat.__version__}, numpy {numpy.__version__}"
        print(f"{versions}, {os.cpu_count()} cores", flush=True)
        print(f"{'':<24}{'seconds':>10}{'cpu':>8}{'MB':>8}{'recall@10':>11}{'distance':>10}{'rounds':>8}", flush=True)
        for name in names:
            output = str(Path(directory) / name)
            options = (arguments.vectors, arguments.neighbors, arguments.sample, output)
            result = apart(measure, name, labeled, pool, *options)
            selection = result["selection"]
            line = f"{name:<24}{result['seconds']:>10.1f}{result['cpu']:>8.1f}{result['mb']:>8.0f}"
            if "recall" in result:
                line += f"{result['recall']:>11.4f}{selection['distances']['mean']:>10.4f}"
                line += f"{selection['neighbors_taken']:>8}"
            print(line, flush=True)
        print(", ".join(f"{name} {number:,}" for name, number in selection["counts"].items()))


if __name__ == "__main__":
    main()

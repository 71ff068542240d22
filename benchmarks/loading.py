"""
Reading, indexing and batching a pool of sentences: compares the loader "flat" with AllenNLP's "multiprocess" (without
workers), both with buckets of similar length, each in a separate process.

    python -m benchmarks.loading --pool data/sentences/unlabeled.jsonl --sizes 250000
    python -m benchmarks.loading --pool data/sentences/unlabeled.jsonl --sizes 10000 100000 1000000 --loaders flat

A pool that is smaller than the requested size is repeated, each time with its words in a different order.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List

from allennlp.common.file_utils import open_compressed

NAMES = {"flat": "flat", "cached": "flat, from cache_dir", "multiprocess": "AllenNLP's multiprocess"}


def make_pool(source: str, size: int, path: Path) -> None:
    """Writes `size` sentences."""
    with open_compressed(source) as file:
        sentences = [json.loads(line)["tokens"] for line in file]
    generator = random.Random(0)
    with open(path, "w", encoding="utf-8") as output:
        for number in range(size):
            words = sentences[number % len(sentences)]
            if number >= len(sentences):
                words = generator.sample(words, len(words))
            output.write(json.dumps({"tokens": words}, ensure_ascii=False) + "\n")


def measure(
    loader: str, pool: str, vocabulary_size: int, epochs: int, batch_size: int, directory: str
) -> Dict[str, Any]:
    """
    Seconds of the first epoch (reading and indexing included) and of the later ones (the fastest), by the clock and of
    the processor, and the peak of memory before and after.
    """
    import torch
    from allennlp.data import Vocabulary
    from allennlp.data.data_loaders import MultiProcessDataLoader
    from allennlp.data.samplers import BucketBatchSampler

    from attention_vat.data.data_loaders import FlatDataLoader
    from attention_vat.data.dataset_readers import SingleSequenceReader

    torch.set_num_threads(1)
    counts: Dict[str, int] = {}
    with open(pool, encoding="utf-8") as file:
        for line, _ in zip(file, range(vocabulary_size)):
            for word in json.loads(line)["tokens"]:
                counts[word] = counts.get(word, 0) + 1
    vocabulary = Vocabulary({"tokens": counts}, max_vocab_size=vocabulary_size)
    random.seed(0)
    before = peak()
    clock, processor = [], []
    for epoch in range(epochs):
        start = time.perf_counter(), time.process_time()
        if epoch == 0:
            options: Dict[str, Any] = {"batch_sampler": BucketBatchSampler(batch_size, ["tokens"]), "quiet": True}
            if loader == "cached":
                options["cache_dir"] = directory
            kind: Any = MultiProcessDataLoader if loader == "multiprocess" else FlatDataLoader
            data_loader = kind(SingleSequenceReader(), pool, **options)
            data_loader.index_with(vocabulary)
        for _ in data_loader:
            pass
        clock.append(time.perf_counter() - start[0])
        processor.append(time.process_time() - start[1])
    return {
        "first": clock[0],
        "later": min(clock[1:]),
        "first_processor": processor[0],
        "later_processor": min(processor[1:]),
        "before": before,
        "peak": peak(),
    }


def peak() -> int:
    """Bytes of memory that this process had at most."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size if sys.platform == "darwin" else size * 1024


def rows(
    pool: str, sizes: List[int], loaders: List[str], repeats: int, epochs: int = 3, batch_size: int = 32
) -> List[Dict[str, Any]]:
    """What `measure` gives for each size and loader; of times and peaks the smallest of all repeats, in turn."""
    found = []
    with tempfile.TemporaryDirectory() as directory:
        for size in sizes:
            path = Path(directory) / f"{size}.jsonl"
            make_pool(pool, size, path)
            runs: Dict[str, List[Dict[str, Any]]] = {loader: [] for loader in loaders}
            for _ in range(repeats):
                for loader in loaders:
                    if loader == "cached" and not runs[loader]:
                        _apart(loader, str(path), 2, batch_size, directory)  # writes the cache entry
                    runs[loader].append(_apart(loader, str(path), epochs, batch_size, directory))
            for loader in loaders:
                best = {key: min(run[key] for run in runs[loader]) for key in runs[loader][0]}
                found.append({"size": size, "loader": loader, **best})
            path.unlink()
    return found


def _apart(loader: str, pool: str, epochs: int, batch_size: int, directory: str) -> Dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.loading", "--measure", loader, "--pool", pool]
    command += ["--epochs", str(epochs), "--batch-size", str(batch_size), "--cache-dir", directory]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return json.loads(output.splitlines()[-1])


def table(found: List[Dict[str, Any]]) -> str:
    """Markdown; microseconds of the processor for each sentence, and ratios to the loader named last of each size."""
    lines = [
        "| sentences | loader | first epoch, µs/sentence | ratio | later, µs/sentence | ratio | memory, MB | ratio | "
        "whole process, MB | ratio |",
        "|---:|---|" + "---:|" * 8,
    ]
    for row in found:
        base = [other for other in found if other["size"] == row["size"]][-1]
        columns = [f"{row['size']:,}", NAMES[row["loader"]]]
        for key in ("first_processor", "later_processor"):
            columns += [f"{row[key] / row['size'] * 1e6:.2f}", f"{base[key] / row[key]:.1f}"]
        grown, base_grown = (one["peak"] - one["before"] for one in (row, base))
        columns += [f"{grown / 1e6:.0f}", f"{grown / base_grown:.3f}" if base_grown else ""]
        columns += [f"{row['peak'] / 1e6:.0f}", f"{row['peak'] / base['peak']:.2f}"]
        lines.append("| " + " | ".join(columns) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pool", default="fixtures/example/unlabeled.jsonl", help="jsonl with tokens on each line")
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000], metavar="N")
    parser.add_argument("--loaders", nargs="+", default=["flat", "cached", "multiprocess"], choices=list(NAMES))
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--measure", choices=list(NAMES), help=argparse.SUPPRESS)
    parser.add_argument("--cache-dir", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        result = measure(
            arguments.measure, arguments.pool, 15_000, arguments.epochs, arguments.batch_size, arguments.cache_dir
        )
        print(json.dumps(result))
        return
    found = rows(
        arguments.pool,
        arguments.sizes,
        arguments.loaders,
        arguments.repeats,
        arguments.epochs,
        arguments.batch_size,
    )
    print(table(found))


if __name__ == "__main__":
    main()

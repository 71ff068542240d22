"""
How the cost of a step grows: time and memory per word, for longer texts and for larger batches. Each size is measured
in a separate process, because the peak memory of a process never decreases.

    python -m benchmarks.growth --words 20 171 773 --batch-size 8 32 128 512
"""

import argparse
import resource
import sys
import time
from typing import Any, Dict, List

from benchmarks.apart import apart
from benchmarks.table import markdown, versions


def peak_memory() -> int:
    """Of this process, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def measure(
    technique: str, words: int, batch_size: int, hidden_size: int, repeats: int, threads: int, straightforward: bool
) -> Dict[str, Any]:
    """Seconds of a step (the median), and bytes by which the peak grew."""
    import torch

    from attention_vat.common.memory import keep_freed_memory
    from benchmarks.models import TrainingStep, made_up_batch, make_model

    torch.set_num_threads(threads)
    keep_freed_memory()
    batch = made_up_batch(words, batch_size)
    step = TrainingStep(make_model(technique, hidden_size, straightforward), batch)
    before = peak_memory()
    seconds = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    num_words = int((batch["tokens"]["tokens"]["tokens"] > 0).sum())
    return {"seconds": sorted(seconds[1:])[repeats // 2], "bytes": peak_memory() - before, "num_words": num_words}


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, nargs="+", default=[20, 171])
    parser.add_argument("--batch-size", type=int, nargs="+", default=[8, 32, 128], help="for texts of the first length")
    parser.add_argument("--technique", nargs="+", default=["vanilla", "attention_vat"])
    parser.add_argument("--straightforward", action="store_true", help="the implementation in straightforward.py")
    parser.add_argument("--hidden-size", type=int, default=256, help="of each direction of the LSTM")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    sizes = [(words, 32) for words in arguments.words]
    sizes += [(arguments.words[0], size) for size in arguments.batch_size if size != 32]
    rows: List[List[Any]] = []
    for words, batch_size in sizes:
        for technique in arguments.technique:
            options = (arguments.hidden_size, arguments.repeats, arguments.threads, arguments.straightforward)
            result = apart(measure, technique, words, batch_size, *options)
            per_word = 1e6 * result["seconds"] / result["num_words"]
            memory = result["bytes"] / result["num_words"] / 1000
            rows.append(
                [words, batch_size, technique, 1000 * result["seconds"], per_word, result["bytes"] / 1e6, memory]
            )
    torch.set_num_threads(arguments.threads)
    print(versions())
    print()
    print(markdown(["words", "sentences", "step", "ms", "µs a word", "MB", "kB a word"], rows))


if __name__ == "__main__":
    main()

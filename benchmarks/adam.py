"""
The time of an Adam step over an embedding matrix: torch's implementations with a dense gradient of the whole matrix,
and `lazy_adam` with a sparse gradient of the words in a batch.

    python -m benchmarks.adam --words 13800 --dimensions 300 --threads 1
"""

import argparse
from typing import Any, Dict

import torch

from attention_vat.training import FusedAdam, LazyAdam
from benchmarks.interleaved import interleaved, ratio
from benchmarks.table import markdown, versions

SETTINGS: Dict[str, Any] = {"lr": 1e-3, "amsgrad": True, "weight_decay": 1e-5}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=13800)
    parser.add_argument("--dimensions", type=int, default=300)
    parser.add_argument("--words-of-batch", type=int, default=640, help="of 32 sentences of 20 words")
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    size = (arguments.words, arguments.dimensions)

    def matrix() -> torch.nn.Parameter:
        parameter = torch.nn.Parameter(torch.randn(size))
        parameter.grad = torch.randn(size)
        return parameter

    lazy = matrix()
    rows = torch.randint(arguments.words, (1, arguments.words_of_batch))
    lazy.grad = torch.sparse_coo_tensor(rows, torch.randn(arguments.words_of_batch, arguments.dimensions), size)
    seconds = interleaved(
        {
            "`adam` (torch's default)": torch.optim.Adam([matrix()], **SETTINGS).step,
            "torch's `foreach`": torch.optim.Adam([matrix()], foreach=True, **SETTINGS).step,
            "`fused_adam`": FusedAdam([("matrix", matrix())], **SETTINGS).step,
            "`lazy_adam`, other mathematics": LazyAdam([("matrix", lazy)], **SETTINGS).step,
        },
        arguments.repeats,
        warmup=3,
    )
    baseline = next(iter(seconds.values()))
    table = [[name, 1000 * sorted(times)[len(times) // 2], ratio(times, baseline)] for name, times in seconds.items()]
    print(versions())
    print()
    print(markdown(["optimizer", "ms", "ratio"], table))


if __name__ == "__main__":
    main()

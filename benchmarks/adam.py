"""
How long a step of Adam takes over a matrix of embeddings, with each of torch's implementations.

    python -m benchmarks.adam --words 13800 --dimensions 300 --threads 1
"""

import argparse
from typing import Dict

import torch

from benchmarks.interleaved import interleaved, ratio

IMPLEMENTATIONS: Dict[str, Dict[str, bool]] = {"default": {}, "foreach": {"foreach": True}, "fused": {"fused": True}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=13800)
    parser.add_argument("--dimensions", type=int, default=300)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    tasks = {}
    for name, implementation in IMPLEMENTATIONS.items():
        matrix = torch.nn.Parameter(torch.randn(arguments.words, arguments.dimensions))
        matrix.grad = torch.randn_like(matrix)
        optimizer = torch.optim.Adam([matrix], lr=1e-3, amsgrad=True, weight_decay=1e-5, **implementation)
        tasks[name] = optimizer.step
    seconds = interleaved(tasks, repeats=30, warmup=3)
    print(f"torch {torch.__version__}, {arguments.threads} threads")
    print(f"{'Adam':<10}{'ms':>8}{'ratio':>8}")
    for name, times in seconds.items():
        print(f"{name:<10}{1000 * sorted(times)[len(times) // 2]:>8.1f}{ratio(times, seconds['default']):>8.3f}")


if __name__ == "__main__":
    main()

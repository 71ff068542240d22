"""
The time and memory of the search for nearest words that Word iAT and Word iVAT run after each epoch.

    python -m benchmarks.nearest_words --words 70000 --dimensions 300
"""

import argparse
import resource
import time

import torch

from attention_vat.regularizers.perturbation.nearest_words import nearest_words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=70000)
    parser.add_argument("--dimensions", type=int, default=300)
    parser.add_argument("--neighbors", type=int, default=10)
    arguments = parser.parse_args()
    matrix = torch.randn(arguments.words, arguments.dimensions)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    nearest_words(matrix, arguments.neighbors, torch.tensor([0, 1]))
    seconds = time.perf_counter() - start
    extra = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{arguments.words:,} words of {arguments.dimensions} dimensions: {seconds:.1f} s, {extra:.0f} MB extra")


if __name__ == "__main__":
    main()

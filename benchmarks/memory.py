"""
Peak memory of one training step with a technique, against the same step of the plain model, on long texts. Each is
measured in a process of its own, since the peak of a process never falls.

    python -m benchmarks.memory --words 800
"""

import argparse
import resource
import subprocess
import sys
from typing import Dict

TECHNIQUES = ["vanilla", "attention_vat", "attention_ivat"]


def step(technique: str, words: int, batch_size: int) -> int:
    """Bytes by which the peak grew in three steps."""
    import torch
    from allennlp.common import Params
    from allennlp.data import Vocabulary
    from allennlp.models import Model

    import attention_vat  # noqa: F401  (registers the models)

    torch.manual_seed(0)
    params = Params.from_file(f"training_configs/imdb/{technique}.jsonnet")
    vocabulary = Vocabulary({"labels": {"0": 1, "1": 1}, "tokens": {f"word{number}": 1 for number in range(12000)}})
    model = Model.from_params(params["model"], vocab=vocabulary)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    tokens = {"tokens": {"tokens": torch.randint(2, 12000, (batch_size, words))}}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        optimizer.zero_grad()
        model(tokens=tokens, label=torch.arange(batch_size) % 2)["loss"].backward()
        optimizer.step()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=800)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--technique", help="measure only this one, in this process")
    arguments = parser.parse_args()
    if arguments.technique:
        print(step(arguments.technique, arguments.words, arguments.batch_size))
        return
    peaks: Dict[str, int] = {}
    for technique in TECHNIQUES:
        command = [sys.executable, "-m", "benchmarks.memory", "--technique", technique]
        command += ["--words", str(arguments.words), "--batch-size", str(arguments.batch_size)]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        peaks[technique] = int(output.split()[-1])
    print(f"{'technique':<20}{'MB':>8}{'ratio':>8}")
    for technique, peak in peaks.items():
        print(f"{technique:<20}{peak / 1e6:>8.0f}{peak / peaks['vanilla']:>8.3f}")


if __name__ == "__main__":
    main()

"""
The operations that a training step dispatches, including the optimizer, and their number. On a GPU each launches one or
more kernels, and on short texts a step mostly waits for these launches. Views do not count. (Needs torch 2.)

    python -m benchmarks.operations
    python -m benchmarks.operations --technique attention_vat --against vanilla --words 20
"""

import argparse
from collections import Counter
from typing import Any, Callable, Optional

from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.models import TrainingStep, made_up_batch, make_model
from benchmarks.step import TECHNIQUES
from benchmarks.table import markdown, versions

# Operations that return a view or uninitialized memory.
FREE = {
    "view",
    "_unsafe_view",
    "expand",
    "t",
    "transpose",
    "permute",
    "slice",
    "select",
    "squeeze",
    "unsqueeze",
    "detach",
    "alias",
    "as_strided",
    "split",
    "chunk",
    "unbind",
    "empty",
    "empty_like",
    "empty_strided",
    "new_empty",
    "is_same_size",
    "lift_fresh",
    "narrow",
    "_reshape_alias",
    "split_with_sizes",
}


class Counting(TorchDispatchMode):
    """Counts what is dispatched within it, by name."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter = Counter()

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Optional[Any] = None) -> Any:
        name = function.overloadpacket.__name__
        if name not in FREE:
            self.calls[name] += 1
        return function(*args, **(kwargs or {}))


def operations(step: Callable[[], None]) -> Counter:
    """The operations of one step, by name. The first step, which makes what later ones find, does not count."""
    step()
    with Counting() as counting:
        step()
    return counting.calls


def of_technique(technique: str, words: int, unlabeled: bool = False) -> Counter:
    """The operations of a step of 32 sentences, with as many unlabelled ones on request."""
    other = made_up_batch(words, 32, labeled=False, seed=1) if unlabeled else None
    return operations(TrainingStep(make_model(technique), made_up_batch(words, 32), other))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--technique", help="show which operations it has")
    parser.add_argument("--against", help="show only how many more than this technique has")
    parser.add_argument("--words", type=int, default=20)
    arguments = parser.parse_args()
    print(versions())
    print()
    if arguments.technique:
        calls = of_technique(arguments.technique, arguments.words)
        if arguments.against:
            calls.subtract(of_technique(arguments.against, arguments.words))
        print(markdown(["operation", "calls"], [[f"`{name}`", n] for name, n in calls.most_common() if n]))
        return
    rows = [[name, sum(of_technique(name, arguments.words).values())] for name in ["vanilla", *TECHNIQUES]]
    joint = sum(of_technique("attention_vat", arguments.words, unlabeled=True).values())
    print(markdown(["step", "operations"], [*rows, ["attention_vat, 1 x unlabelled", joint]]))


if __name__ == "__main__":
    main()

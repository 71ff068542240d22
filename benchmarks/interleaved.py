"""Compares the times of several tasks fairly on a machine with other load."""

import statistics
import time
from typing import Callable, Dict, List, Mapping

from allennlp.common import Tqdm


def interleaved(tasks: Mapping[str, Callable[[], None]], repeats: int, warmup: int = 1) -> Dict[str, List[float]]:
    """
    Runs the tasks in turn, A B C A B C …, so that a slow moment of the machine hits all of them.

    # Parameters

    tasks : `Mapping[str, Callable[[], None]]`
    repeats : `int`
        How often each task is timed, after `warmup` rounds that are not.

    # Returns

    seconds : `Dict[str, List[float]]`
        For each task, one time a round.
    """
    seconds: Dict[str, List[float]] = {name: [] for name in tasks}
    for number in Tqdm.tqdm(range(-warmup, repeats), desc="rounds"):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            if number >= 0:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def ratio(seconds: List[float], baseline: List[float]) -> float:
    """The median of the ratios round by round."""
    return statistics.median(a / b for a, b in zip(seconds, baseline))

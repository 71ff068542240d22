"""
Splits data as in the papers, and removes the labels from a part of a training set.
"""

import heapq
import random
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, TypeVar

from allennlp.common.checks import ConfigurationError

# The keys that give away the answer of an example.
LABELS = ("label", "score", "tags")
T = TypeVar("T")
Item = Tuple[str, Dict[str, Any]]


def split_in_two(
    items: Sequence[T], seed: int, stratify: Optional[Sequence[Any]] = None, **size: float
) -> Tuple[List[T], List[T]]:
    """
    Calls scikit-learn's `train_test_split`, so that a published seed gives the published split.

    # Parameters

    items : `Sequence[T]`
    seed : `int`
    stratify : `Sequence[Any]`, optional (default = `None`)
        The class of each item; both parts get the same share of each class.
    size : `float`
        `train_size`, the share or number of items in the first part, or `test_size`, that of the second.

    # Returns

    first, second : `Tuple[List[T], List[T]]`
        Raises a `ConfigurationError` if there are too few items.
    """
    from sklearn.model_selection import train_test_split

    try:
        first, second = train_test_split(list(items), random_state=seed, stratify=stratify, **size)
    except ValueError as error:
        raise ConfigurationError(f"the source holds too few examples to be split ({len(items)})") from error
    return first, second


def unlabel_half(examples: Iterable[Item], seed: int) -> Iterator[Item]:
    """
    Moves half of the examples of `train` to `unlabeled`, without their label: one of each two consecutive examples, at
    random.  If their number is odd, the last is moved too.  No more than one example is held in memory.

    # Parameters

    examples : `Iterable[Tuple[str, Dict[str, Any]]]`
    seed : `int`
    """
    rng = random.Random(seed)
    first: Optional[Dict[str, Any]] = None
    for split, example in examples:
        if split != "train":
            yield split, example
        elif first is None:
            first = example
        else:
            first_keeps = rng.random() < 0.5
            yield ("train", first) if first_keeps else ("unlabeled", _without_label(first))
            yield ("unlabeled", _without_label(example)) if first_keeps else ("train", example)
            first = None
    if first is not None:
        yield "unlabeled", _without_label(first)


def keep_labels(examples: Iterable[Item], number: int, seed: int) -> Iterator[Item]:
    """
    Moves all but `number` examples of `train`, drawn at random, to `unlabeled`, without their label. A larger
    number with the same seed keeps these and more. No more than `number` examples are held in memory.

    # Parameters

    examples : `Iterable[Tuple[str, Dict[str, Any]]]`
    number : `int`
    seed : `int`

    Raises a `ConfigurationError` if `train` has fewer examples.
    """
    rng = random.Random(seed)
    kept: List[Tuple[float, int, Dict[str, Any]]] = []
    for place, (split, example) in enumerate(examples):
        if split != "train":
            yield split, example
            continue
        item = (rng.random(), place, example)
        if len(kept) < number:
            heapq.heappush(kept, item)
        else:
            yield "unlabeled", _without_label(heapq.heappushpop(kept, item)[2])
    if len(kept) < number:
        raise ConfigurationError(f"--labeled is {number:,}, but the training set has {len(kept):,} examples")
    for _, _, example in sorted(kept, key=lambda item: item[1]):
        yield "train", example


def _without_label(example: Dict[str, Any]) -> Dict[str, Any]:
    return {key: value for key, value in example.items() if key not in LABELS}

"""From soft to hard rationales: selects words by their scores."""

from typing import Any, Dict, Optional

import torch
from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError


class RationaleSelection(Registrable):
    """
    A rule that selects words of a text as its hard rationale.

    # Parameters

    fraction : `float`, optional (default = the share that people marked in the data)
        The share of the words of a text to select.

    Raises `ConfigurationError` if the fraction is not above 0 and at most 1.
    """

    default_implementation = "top_words"

    def __init__(self, fraction: Optional[float] = None) -> None:
        if fraction is not None and not 0 < fraction <= 1:
            raise ConfigurationError(f"fraction is {fraction}, but must be above 0 and at most 1.")
        self.fraction = fraction

    def __call__(self, scores: torch.Tensor, mask: torch.Tensor, fraction: Optional[float]) -> Optional[torch.Tensor]:
        """
        # Parameters

        scores : `torch.Tensor`
            Shape `(batch_size, num_words)`.
        mask : `torch.BoolTensor`
            True at real words. Same shape.
        fraction : `float`, optional
            Used if the rule has no fraction of its own.

        # Returns

        chosen : `torch.BoolTensor`, optional
            Shape `(batch_size, num_words)`; `None` if a fraction is needed but not given.
        """
        fraction = fraction if self.fraction is None else self.fraction
        return None if fraction is None else self.choose(scores, mask, fraction)

    def choose(self, scores: torch.Tensor, mask: torch.Tensor, fraction: float) -> torch.Tensor:
        raise NotImplementedError

    def settings(self) -> Dict[str, Any]:
        """The rule as a configuration would write it."""
        (name,) = [n for n in RationaleSelection.list_available() if RationaleSelection.by_name(n) is type(self)]
        return {"type": name, **{key: value for key, value in vars(self).items() if value is not None}}


@RationaleSelection.register("top_words")
class TopWords(RationaleSelection):
    """
    The `⌈fraction · n⌉` words with the highest scores; the earlier word wins a tie. This is what the ERASER baselines
    do with attention (DeYoung et al. 2020).

    Registered as a `RationaleSelection` with name "top_words".
    """

    def choose(self, scores: torch.Tensor, mask: torch.Tensor, fraction: float) -> torch.Tensor:
        return top_words(scores, mask, fraction)


@RationaleSelection.register("threshold")
class Threshold(RationaleSelection):
    """
    The words whose score is at least `threshold`: with attention as the score, a share of the whole. The selection may
    be empty.

    Registered as a `RationaleSelection` with name "threshold".

    # Parameters

    threshold : `float`, required.
    """

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self.threshold = threshold

    def __call__(self, scores: torch.Tensor, mask: torch.Tensor, fraction: Optional[float]) -> torch.Tensor:
        return (scores >= self.threshold) & mask


@RationaleSelection.register("spans")
class Spans(RationaleSelection):
    """
    Spans of `length` neighbouring words: first the one whose scores have the largest sum, then the best of those that
    do not overlap it, and so on (the earlier one wins a tie). It selects as many as are needed to hold at least
    `⌈fraction · n⌉` words, or `number` of them; fewer if no more fit. A text of fewer words than `length` is one span.
    ERASER counts two adjacent spans as one.

    Registered as a `RationaleSelection` with name "spans".

    # Parameters

    length : `int`, required.
        The number of words in a span.
    number : `int`, optional (default = as many as the fraction asks for)
    fraction : `float`, optional (default = the share that people marked in the data)

    Raises `ConfigurationError` if `length` or `number` is below 1.
    """

    def __init__(self, length: int, number: Optional[int] = None, fraction: Optional[float] = None) -> None:
        super().__init__(fraction)
        for name, value in (("length", length), ("number", number)):
            if value is not None and value < 1:
                raise ConfigurationError(f"{name} is {value}, but must be at least 1.")
        self.length = length
        self.number = number

    def __call__(self, scores: torch.Tensor, mask: torch.Tensor, fraction: Optional[float]) -> Optional[torch.Tensor]:
        if self.number is not None:
            return self.choose(scores, mask, 0.0)
        return super().__call__(scores, mask, fraction)

    def choose(self, scores: torch.Tensor, mask: torch.Tensor, fraction: float) -> torch.Tensor:
        if self.number is not None:
            wanted = torch.full_like(mask.sum(dim=1), self.number)
        else:
            wanted = torch.ceil(number_of_words(mask, fraction) / self.length).long()
        return best_spans(scores, mask, self.length, wanted)


def number_of_words(mask: torch.Tensor, fraction: float) -> torch.Tensor:
    """`⌈fraction · n⌉` for each text, shape `(batch_size,)`."""
    # 0.07 * 100 is a little above 7 in floating point, but 7 words are meant.
    return torch.ceil(mask.sum(dim=1).double() * fraction - 1e-9)


def top_words(scores: torch.Tensor, mask: torch.Tensor, fraction: float) -> torch.Tensor:
    """
    See `TopWords`.

    # Parameters

    scores : `torch.Tensor`
        Shape `(batch_size, num_words)`.
    mask : `torch.BoolTensor`
        True at real words. Same shape.
    fraction : `float`
        From 0 to 1.

    # Returns

    chosen : `torch.BoolTensor`
        Shape `(batch_size, num_words)`.
    """
    wanted = number_of_words(mask, fraction).unsqueeze(1)
    scores = scores.double().masked_fill(~mask, -float("inf"))
    order = scores.sort(dim=1, descending=True, stable=True).indices
    place = torch.arange(scores.size(1), device=scores.device).expand_as(order)
    rank = torch.zeros_like(order).scatter_(1, order, place)
    return (rank < wanted) & mask


def best_spans(scores: torch.Tensor, mask: torch.Tensor, length: int, number: torch.Tensor) -> torch.Tensor:
    """
    See `Spans`.

    # Parameters

    scores : `torch.Tensor`
        Shape `(batch_size, num_words)`.
    mask : `torch.BoolTensor`
        True at real words, which are contiguous. Same shape.
    length : `int`
    number : `torch.LongTensor`
        How many spans to select from each text, shape `(batch_size,)`.

    # Returns

    chosen : `torch.BoolTensor`
        Shape `(batch_size, num_words)`.
    """
    chosen = torch.zeros_like(mask)
    if mask.numel() == 0:
        return chosen
    # Padded so that a span can begin at every word; the span of a text that is too short ends beyond it.
    beyond = length - 1
    words = torch.nn.functional.pad(mask.long(), (0, beyond))
    inside = torch.nn.functional.pad(scores.double().masked_fill(~mask, 0.0), (0, beyond))
    sums = inside.unfold(1, length, 1).sum(dim=2)
    complete = words.unfold(1, length, 1).sum(dim=2) == mask.sum(dim=1, keepdim=True).clamp(max=length)
    sums = sums.masked_fill(~(complete & mask), -float("inf"))
    place = torch.arange(mask.size(1), device=mask.device)
    for already in range(int(number.max())):
        best = _first_best(sums)
        taken = (number > already).unsqueeze(1) & torch.isfinite(sums.gather(1, best))
        if not taken.any():
            break
        distance = place - best
        chosen |= (distance >= 0) & (distance < length) & taken & mask
        sums = sums.masked_fill((distance.abs() < length) & taken, -float("inf"))
    return chosen


def _first_best(values: torch.Tensor) -> torch.Tensor:
    # argmax may return any of several equal values.
    best = values == values.max(dim=1, keepdim=True).values
    earlier_is_more = torch.arange(values.size(1), 0, -1, device=values.device)
    return (best * earlier_is_more).argmax(dim=1, keepdim=True)

"""The options that all measures of an evaluation share."""

from dataclasses import dataclass
from typing import Optional

from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.importance import check_importance


@dataclass
class EvaluationOptions:
    """
    # Parameters

    batch_tokens : `int`, optional (default = `8192`)
        Sentences of similar length are batched up to this number of tokens including padding, which bounds memory. A
        longer sentence gets a batch of its own.
    output, method : `str`, optional
        See `gradient_importance`.
    rationale_fraction : `float`, optional (default = the mean share of marked words in the data)
        The share of words that a hard rationale selects by attention.
    iou_threshold : `float`, optional (default = `0.5`)
        The intersection over union from which a span counts as found.
    resamples : `int`, optional (default = `1000`)
        How many times the bootstrap draws the sentences.
    seed : `int`, optional (default = `13`)
        Seeds the bootstrap, and each sentence's random numbers in the measures that draw any.

    Raises `ConfigurationError` if an option is out of range.
    """

    batch_tokens: int = 8192
    output: str = "probability"
    method: str = "gradient_x_input"
    rationale_fraction: Optional[float] = None
    iou_threshold: float = 0.5
    resamples: int = 1000
    seed: int = 13

    def __post_init__(self) -> None:
        check_importance(output=self.output, method=self.method)
        for name, least in (("batch_tokens", 1), ("resamples", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise ConfigurationError(f"{name} is {getattr(self, name)}, but must be at least {least}.")
        for name in ("rationale_fraction", "iou_threshold"):
            share = getattr(self, name)
            if share is not None and not 0 < share <= 1:
                raise ConfigurationError(f"{name} is {share}, but must be above 0 and at most 1.")

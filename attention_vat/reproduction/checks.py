"""What an experiment file can get wrong without AllenNLP noticing."""

import difflib
from typing import Any, Sequence

from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.measures import choose_measures, descriptions

MODEL, TRAINING = "model", "training"
"""How the names of a model's own metrics begin, and of those of its training."""


def check_list(name: str, values: Sequence[Any]) -> None:
    """Raises `ConfigurationError` if there is nothing in it, or something twice."""
    if not values:
        raise ConfigurationError(f"{name} is empty, but needs at least one entry.")
    twice = [value for place, value in enumerate(values) if value in values[:place]]
    if twice:
        raise ConfigurationError(f"{name} has {twice[0]!r} twice; remove one.")


def check_seeds(name: str, seeds: Sequence[int]) -> None:
    """Raises `ConfigurationError` if one is no seed of numpy's, or as `check_list` does."""
    check_list(name, seeds)
    for seed in seeds:
        if not 0 <= seed < 2**32:
            raise ConfigurationError(f"{name} has {seed}, but a seed is from 0 to 2^32 - 1.")


def check_measures(measures: Sequence[str], evaluation: Sequence[Any]) -> None:
    """
    Raises `ConfigurationError` if a column is none of the numbers that an evaluation can give. Measures of one's own
    may give any.
    """
    chosen = choose_measures([measure for measure in evaluation if measure != MODEL])
    ours = all(type(measure).__module__.startswith("attention_vat.") for measure in chosen)
    for measure in measures:
        name = measure.partition("@")[0]
        if name.startswith(f"{MODEL}_") and MODEL not in evaluation:
            raise ConfigurationError(f"measures has '{measure}', which needs '{MODEL}' in evaluation; add it.")
        if name.startswith((f"{MODEL}_", f"{TRAINING}_")):
            continue
        if ours and name not in descriptions() and name != "prediction":
            near = difflib.get_close_matches(name, ["prediction", *descriptions()], n=3)
            advice = f"did you mean {' or '.join(near)}?" if near else "docs/evaluation.md has those that there are."
            raise ConfigurationError(f"measures has '{measure}', which is not known; {advice}")

"""Checks for numbers in configurations."""

import math

from allennlp.common.checks import ConfigurationError


def check_number(key: str, value: float, positive: bool = False) -> None:
    """
    Raises a `ConfigurationError` that names the key if a number is NaN, infinite or negative, or if it is 0 and must be
    positive.

    # Parameters

    key : `str`
        The key with its object, such as `regularizers: epsilon`.
    value : `float`
    positive : `bool`, optional (default = `False`)
    """
    if not math.isfinite(value) or value < 0 or positive and value == 0:
        raise ConfigurationError(
            f"{key} is {value}, but must be {'positive' if positive else 'at least 0'} and finite."
        )


def check_rates(key: str, mask_rate: float, keep_rate: float, random_rate: float) -> None:
    """
    Raises a `ConfigurationError` that names the key if one of the masking rates, or the sum of `keep_rate` and
    `random_rate`, is not in [0, 1].

    # Parameters

    key : `str`
        The object that has the rates, such as `regularizers`.
    mask_rate, keep_rate, random_rate : `float`
    """
    rates = {"mask_rate": mask_rate, "keep_rate": keep_rate, "random_rate": random_rate}
    for name, rate in [*rates.items(), ("keep_rate + random_rate", keep_rate + random_rate)]:
        if not 0 <= rate <= 1:
            raise ConfigurationError(f"{key}: {name} is {rate}, but must be from 0 to 1.")

"""Numbers of a configuration that can be computed with."""

import math

from allennlp.common.checks import ConfigurationError


def check_number(key: str, value: float, positive: bool = False) -> None:
    """
    Raises a `ConfigurationError` that names the key if a number is NaN, infinite or negative, or if it is 0 and must be
    positive.

    # Parameters

    key : `str`
        With the object that it is a key of, such as `regularizers: epsilon`.
    value : `float`
    positive : `bool`, optional (default = `False`)
    """
    if not math.isfinite(value) or value < 0 or positive and value == 0:
        raise ConfigurationError(f"{key} is {value}, it must be {'positive' if positive else 'at least 0'} and finite.")

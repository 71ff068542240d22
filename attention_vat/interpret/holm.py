"""Holm's correction for multiple tests."""

from typing import List, Optional, Sequence


def holm(p_values: Sequence[Optional[float]]) -> List[Optional[float]]:
    """
    Adjusts p-values for the number of tests, so that the chance of even one false positive stays at the significance
    level (Holm 1979). Tests without a p-value do not count.

    # Examples

        holm([0.01, 0.04, 0.03])  # [0.03, 0.06, 0.06]
    """
    adjusted: List[Optional[float]] = [None] * len(p_values)
    known = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    largest = 0.0
    for rank, (p, index) in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - rank) * p))
        adjusted[index] = largest
    return adjusted

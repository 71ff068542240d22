"""Formats numbers in the same way for the terminal and for reports."""

from typing import Optional


def number(value: Optional[float], sign: bool = False) -> str:
    """
    Formats a number with three decimals and a typographic minus.

    # Examples

        number(-0.12345)  # "−0.123"
    """
    if value is None:
        return "–"
    text = f"{value:+.3f}" if sign else f"{value:.3f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", "−")


def interval(low: Optional[float], high: Optional[float]) -> str:
    """Formats an interval as `[0.781, 0.812]`, or as an empty string if an end is missing."""
    return "" if low is None or high is None else f"[{number(low)}, {number(high)}]"


def p_value(value: Optional[float]) -> str:
    """
    Formats a p-value without the leading zero.

    # Examples

        p_value(0.0004)  # "< .001"
    """
    if value is None:
        return ""
    return "< .001" if value < 0.001 else f"{value:.3f}".lstrip("0") if value < 0.9995 else "1"

"""The numbers of the paper, from `published.json`."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Optional


@lru_cache(maxsize=None)
def _content() -> Dict[str, Any]:
    return json.loads(Path(__file__).with_name("published.json").read_text(encoding="utf-8"))


def source() -> str:
    """Returns the source of the numbers."""
    return _content()["source"]


def metric_of(measure: str, corpus: str) -> str:
    """Returns the metric behind a measure: for `prediction`, the one that the paper reports for the corpus."""
    return _content()["prediction_metric"].get(corpus, "accuracy") if measure == "prediction" else measure


def published(measure: str, corpus: str, technique: str, strategy: Optional[str] = None) -> Optional[float]:
    """
    Returns a number of the paper, with percentages as fractions, or `None` if the paper does not report it.

    # Parameters

    measure, corpus, technique : `str`
    strategy : `str`, optional
        How unlabelled data was selected, for Table 6.

    # Examples

        published("prediction", "sst", "vanilla")  # 0.7927
    """
    if strategy is None:
        return _content()["tables"].get(measure, {}).get(technique, {}).get(corpus)
    return _content()["selection"].get(measure, {}).get(technique, {}).get(strategy, {}).get(corpus)

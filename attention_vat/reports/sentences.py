"""The sentences of a report as data for its script, as compact as their heat maps allow."""

import json
import math
import re
from typing import Any, Dict, List, Sequence

from attention_vat.common.templates import CONTROL, REPLACEMENT
from attention_vat.interpret.measures import description_of, descriptions
from attention_vat.interpret.results import AttentionEvaluation, SentenceEvaluation

# A weight becomes one of these characters, so that a browser can open a file of 25,000 long reviews.
LEVELS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
STRIPS = {
    "importance": "gradient importance",
    "leave_one_out": "leave-one-out importance",
    "adversarial_attention": "adversarial attention",
    "chosen": "words taken as the rationale",
    "single_word": "prediction of the word alone",
}
# Each word has its own number, not a share of the sentence.
PROBABILITIES = ("single_word",)
# Matches one JSON escape at a time, so that what follows an escaped backslash is not taken for one.
_ESCAPE_OR_CONTROL = re.compile(r"\\u[0-9a-f]{4}|\\.|" + CONTROL.pattern)
_HARMLESS = re.compile(r"\\(?!u00[01]|[bf])")
CONDITIONS = {"uniform": "with uniform attention"}


def sentences_data(results: Dict[str, AttentionEvaluation]) -> Dict[str, Any]:
    """
    The data that the script of the page reads:

        models     their names
        labels     the classes of each
        columns    [name, title] of each score that sentences can be sorted by
        strips     [name, title] of what can stand below the words beside attention: gradient importance, …
        conditions names of other predictions, "with uniform attention"
        sentences  [id, gold label, tokens, human marks or 0, model, …]

    with `[prediction, probability, scores, attention, strips, other predictions, tokens or 0]` of each model, where
    attention and strips are `[levels, share of the highest level]`, or `[levels, 1]` for strips that are probabilities.
    Only a model with other tokens has its own.
    """
    evaluations = list(results.values())
    everything = [sentence for evaluation in evaluations for sentence in evaluation.sentences]
    scores = _names(sentence.scores for sentence in everything)
    columns = [name for name in descriptions() if name in scores]
    strips = ["importance", *_names(sentence.words for sentence in everything)]
    strips.sort(key=[*STRIPS, *strips].index)
    conditions = _names(sentence.predictions for sentence in everything)
    return {
        "models": list(results),
        "labels": [evaluation.labels for evaluation in evaluations],
        "columns": [[name, description_of(name).title] for name in columns],
        "strips": [[name, STRIPS.get(name, name.replace("_", " "))] for name in strips],
        "conditions": [[name, CONDITIONS.get(name, name.replace("_", " "))] for name in conditions],
        "sentences": [
            _sentence(rows, columns, strips, conditions)
            for rows in zip(*(evaluation.sentences for evaluation in evaluations))
        ],
    }


def printed(text: str) -> str:
    """JSON whose strings have no control characters."""

    def replaced(match: "re.Match[str]") -> str:
        return match[0] if _HARMLESS.match(match[0]) else REPLACEMENT

    return _ESCAPE_OR_CONTROL.sub(replaced, text)


def embedded(data: Dict[str, Any]) -> str:
    """JSON that cannot end its script element, whatever the sentences contain."""
    text = printed(json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _names(dictionaries: Any) -> List[str]:
    return list(dict.fromkeys(name for dictionary in dictionaries for name in dictionary))


def _sentence(
    rows: Sequence[SentenceEvaluation], columns: Sequence[str], strips: Sequence[str], conditions: Sequence[str]
) -> List[Any]:
    first = rows[0]
    marks = 0 if first.rationale is None else "".join(map(str, first.rationale))
    models = [_model(row, first, columns, strips, conditions) for row in rows]
    return [first.id, first.label, first.tokens, marks, *models]


def _model(
    row: SentenceEvaluation,
    first: SentenceEvaluation,
    columns: Sequence[str],
    strips: Sequence[str],
    conditions: Sequence[str],
) -> List[Any]:
    confidence = max(row.probs)
    words = {"importance": row.importance, **row.words}
    return [
        row.prediction,
        round(confidence, 4) if math.isfinite(confidence) else 0,
        [_score(row.scores.get(name)) for name in columns],
        levels(row.attention),
        [_strip(name, words[name]) if name in words else 0 for name in strips],
        [row.predictions.get(name) for name in conditions],
        0 if row.tokens == first.tokens else row.tokens,
    ]


def _strip(name: str, values: Sequence[float]) -> List[Any]:
    if name not in PROBABILITIES:
        return levels(values)
    steps = (round(min(1.0, max(0.0, value)) * (len(LEVELS) - 1)) for value in values)
    return ["".join(LEVELS[step] for step in steps), 1]


def _score(value: Any) -> Any:
    return None if value is None or not math.isfinite(value) else round(value, 4)


def levels(weights: Sequence[float]) -> List[Any]:
    """Weights as shares of their sum, in 64 steps: their characters, and the share that the highest one stands for."""
    # An importance may be signed: what counts here is how much a word matters.
    weights = [abs(weight) for weight in weights]
    total = sum(weights)
    if not total > 0 or math.isinf(total):
        return [LEVELS[0] * len(weights), 0]
    shares = [weight / total for weight in weights]
    # An even spread should look pale and not like full attention on every word: the full colour is for the largest
    # share, but for no less than three times an even one.
    full = max(max(shares), min(1.0, 3 / len(shares)))
    return ["".join(LEVELS[round(share / full * (len(LEVELS) - 1))] for share in shares), round(full, 4)]

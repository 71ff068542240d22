"""
Agreement with the words that people marked, as the ERASER benchmark scores it (DeYoung et al. 2020), for a padded batch
at once. A text with its rationale is one of ERASER's keys (annotation, document).
"""

from attention_vat.interpret.rationales.matches import Matches, exact_matches, span_matches, token_matches
from attention_vat.interpret.rationales.selection import RationaleSelection, Spans, Threshold, TopWords, top_words
from attention_vat.interpret.rationales.soft import Score, auprc, average_precision, roc_auc
from attention_vat.interpret.rationales.spans import WordSpans, runs, spans_from

__all__ = [
    "Matches",
    "RationaleSelection",
    "Score",
    "Spans",
    "Threshold",
    "TopWords",
    "WordSpans",
    "auprc",
    "average_precision",
    "exact_matches",
    "roc_auc",
    "runs",
    "span_matches",
    "spans_from",
    "token_matches",
    "top_words",
]

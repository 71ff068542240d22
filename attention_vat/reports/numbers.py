"""How numbers are called and written, the same in the terminal and in the report."""

from typing import Dict, NamedTuple, Optional


class Description(NamedTuple):
    """
    # Parameters

    title : `str`
    explanation : `str`
        One sentence for people who see the number for the first time.
    signed : `bool`
        Whether it lies between -1 and 1, instead of 0 and 1.
    """

    title: str
    explanation: str
    signed: bool = False


_CONSTANT = ", with attention held constant while the gradient is taken"
_SIGNIFICANT = "Share of sentences whose Kendall correlation has p ≤ .05"

DESCRIPTIONS: Dict[str, Description] = {
    "accuracy": Description("Accuracy", "Share of sentences whose label is predicted."),
    "f1": Description("F1", "F1 score of the positive class."),
    "macro_f1": Description("Macro F1", "F1 score of each class, averaged over classes."),
    "micro_f1": Description("Micro F1", "F1 score over all classes together, here equal to the accuracy."),
    "pearson": Description(
        "Pearson correlation", "How well attention follows the gradient importance of words, mean over sentences.", True
    ),
    "spearman": Description("Spearman correlation", "The same by the ranks of the words.", True),
    "kendall": Description("Kendall's τ", "Pairs of words in the same order minus pairs in the opposite order.", True),
    "kendall_significant": Description("Kendall's τ, p ≤ .05", f"{_SIGNIFICANT}."),
    "pearson_attention_constant": Description("Pearson, attention constant", f"Pearson correlation{_CONSTANT}.", True),
    "spearman_attention_constant": Description(
        "Spearman, attention constant", f"Spearman correlation{_CONSTANT}.", True
    ),
    "kendall_attention_constant": Description(
        "Kendall's τ, attention constant", f"Kendall's τ{_CONSTANT} (Jain & Wallace 2019).", True
    ),
    "kendall_significant_attention_constant": Description(
        "Kendall's τ, p ≤ .05, attention constant", f"{_SIGNIFICANT}{_CONSTANT}."
    ),
    "auprc": Description(
        "Human words, AUPRC", "Area under the precision-recall curve when attention ranks the words that people marked."
    ),
    "average_precision": Description(
        "Human words, average precision", "Average precision when attention ranks the words that people marked."
    ),
    "roc_auc": Description(
        "Human words, ROC-AUC", "Chance that a word that people marked has more attention than another word."
    ),
    "token_f1_macro": Description(
        "Human words, token F1", "F1 of the most attended words against the marked ones, mean over sentences."
    ),
    "token_f1_micro": Description("Human words, token F1, micro", "The same, counted over all sentences together."),
    "iou_f1_macro": Description(
        "Human words, IOU F1", "F1 of spans of attended words that overlap marked spans by at least half."
    ),
    "iou_f1_micro": Description("Human words, IOU F1, micro", "The same, counted over all sentences together."),
}


def description_of(name: str) -> Description:
    """A number that has no description is called by its name."""
    return DESCRIPTIONS.get(name, Description(name.replace("_", " "), ""))


def number(value: Optional[float], sign: bool = False) -> str:
    """
    Three decimals, with a true minus.

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
    """`[0.781, 0.812]`, or nothing."""
    return "" if low is None or high is None else f"[{number(low)}, {number(high)}]"


def p_value(value: Optional[float]) -> str:
    """
    # Examples

        p_value(0.0004)  # "< .001"
    """
    if value is None:
        return ""
    return "< .001" if value < 0.001 else f"{value:.3f}".lstrip("0") if value < 0.9995 else "1"

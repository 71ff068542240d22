"""Titles and explanations of the numbers of measures."""

from typing import Dict, NamedTuple, Tuple

# The order of groups in reports and tables. Other groups follow.
GROUPS = (
    "Prediction",
    "Attention and importance",
    "Attention and people",
    "Attention and the decision",
    "The attended words alone, and all others",
    "With other attention",
    "Words without attention",
    "Hidden states",
    "Robustness",
)
SIGNED = (-1.0, 1.0)


class Description(NamedTuple):
    """
    # Parameters

    title : `str`
    explanation : `str`
        One sentence for people who see the number for the first time.
    group : `str`, optional (default = `"Other"`)
        Numbers of one group are shown together.
    scale : `Tuple[float, float]`, optional (default = `(0, 1)`)
        The smallest and the largest possible value.
    axis : `str`, optional
        A short name for the axis of a picture.
    reading : `str`, optional
        What to look for in its picture.
    better : `int`, optional (default = `0`)
        1 if more of it is better, -1 if less is, 0 if it is neither good nor bad.
    """

    title: str
    explanation: str
    group: str = "Other"
    scale: Tuple[float, float] = (0.0, 1.0)
    axis: str = ""
    reading: str = ""
    better: int = 0


def of_predictions(
    suffix: str = "", title: str = "", where: str = "", group: str = "Prediction", better: int = 1
) -> Dict[str, Description]:
    """Describes the scores of predictions."""
    described = {
        "accuracy": ("Accuracy", "Share of sentences whose label is predicted"),
        "f1": ("F1", "F1 score of the positive class"),
        "macro_f1": ("Macro F1", "F1 score of each class, averaged over classes"),
        "micro_f1": ("Micro F1", "F1 score over all classes together, here equal to the accuracy"),
    }
    return {
        n + suffix: Description(name + title, text + where + ".", group, better=better)
        for n, (name, text) in described.items()
    }


def of_score_changes(kind: str, when: str, group: str) -> Dict[str, Description]:
    """Describes the differences of these scores from those of the model."""
    names = {"accuracy": "Accuracy", "f1": "F1", "macro_f1": "Macro F1", "micro_f1": "Micro F1"}
    return {
        f"{n}_{kind}_change": Description(
            f"{title}, {kind} attention, change",
            f"How much it is above or below that of the model when {when} (Tutek & Šnajder 2020).",
            group,
            SIGNED,
        )
        for n, title in names.items()
    }


def of_correlations(
    suffix: str, title: str, one: str, other: str, where: str = "", better: int = 1
) -> Dict[str, Description]:
    """Describes the correlations of two numbers per word."""
    group = "Attention and importance"
    described = {
        "pearson": ("Pearson correlation", f"How well {one} follows {other}{where}, mean over sentences."),
        "spearman": ("Spearman correlation", "The same for the ranks of the words."),
        "kendall": (
            "Kendall's τ",
            f"Pairs of words that {one} and {other} put in the same order, minus those in the opposite order{where}.",
        ),
    }
    return {
        **{
            n + suffix: Description(name + title, text, group, SIGNED, better=better)
            for n, (name, text) in described.items()
        },
        "kendall_significant" + suffix: Description(
            f"Kendall's τ, p ≤ .05{title}",
            "Share of sentences whose Kendall correlation has p ≤ .05.",
            group,
            better=better,
        ),
    }


def change(title: str, explanation: str, group: str, reading: str = "", better: int = 0) -> Description:
    """Describes a distance between predictions."""
    return Description(title, explanation, group, axis="total variation distance", reading=reading, better=better)


def divergence(title: str, explanation: str, group: str, reading: str = "", better: int = 0) -> Description:
    """Describes a divergence between attention weights, at most ln 2."""
    return Description(title, explanation, group, (0.0, 0.7), "Jensen-Shannon divergence", reading, better)

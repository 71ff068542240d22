"""Describes how the numbers of a report were computed."""

from typing import Any, Dict, List, Optional

IMPORTANCE = {
    "gradient_x_input": "|e · ∂y/∂e|",
    "gradient_norm": "‖∂y/∂e‖₂",
    "integrated_gradients": "|e · ∫₀¹ ∂y/∂e(α e) dα|",
}


def notes_of(settings: Dict[str, Any], positive_label: Optional[str]) -> List[str]:
    """
    # Parameters

    settings : `Dict[str, Any]`
        The settings of an `AttentionEvaluation`.
    positive_label : `str`, optional
    """
    importance = IMPORTANCE.get(settings["importance"], settings["importance"])
    which = f"the positive class, {positive_label}." if positive_label is not None else "the most probable class."
    notes = [
        f"Importance of a word with embedding e is {importance}, where y is the {settings['output']} of {which}",
        "A correlation needs three words and neither attention nor importance may be constant; other sentences are "
        "counted as undefined and left out of the mean.",
        f"Intervals cover 95% of {settings['resamples']:,} bootstrap draws of the sentences; differences are drawn in "
        "pairs.",
    ]
    if settings.get("rationale_fraction") is not None:
        notes.append(
            f"For F1 against human words, the {100 * settings['rationale_fraction']:.1f}% most attended words of each "
            "sentence are taken (rounded up)."
        )
    measures = settings.get("measures", {})
    notes += [
        f"{name.replace('_', ' ').capitalize()}: {_listed(chosen)}." for name, chosen in measures.items() if chosen
    ]
    return notes


def _listed(settings: Dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in settings.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return _listed(value)
    if isinstance(value, (list, tuple)):
        return " ".join(map(_value, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    # A limit that is not set leaves nothing out.
    return "all" if value is None else str(value)

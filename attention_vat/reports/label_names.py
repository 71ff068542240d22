"""The names of classes in place of their labels."""

from dataclasses import replace
from typing import Dict, Optional

from attention_vat.interpret.results import AttentionEvaluation, SentenceEvaluation


def with_label_names(results: Dict[str, AttentionEvaluation]) -> Dict[str, AttentionEvaluation]:
    """
    Replaces labels with names in evaluations, for display and not for storage. All models get the same names, so that
    their predictions can be compared: where models name a label differently, the first one counts.

    # Parameters

    results : `Dict[str, AttentionEvaluation]`
        By the name of the model.

    # Examples

        with_label_names({"ivat": evaluation})["ivat"].labels  # ["negative", "positive"]
    """
    names: Dict[str, str] = {}
    for evaluation in results.values():
        names = {**evaluation.label_names, **names}
    return {model: _named(evaluation, names) for model, evaluation in results.items()} if names else results


def _named(evaluation: AttentionEvaluation, names: Dict[str, str]) -> AttentionEvaluation:
    def name(label: str) -> str:
        return names.get(label, label)

    def or_none(label: Optional[str]) -> Optional[str]:
        return None if label is None else name(label)

    def sentence_with_names(sentence: SentenceEvaluation) -> SentenceEvaluation:
        return replace(
            sentence,
            label=or_none(sentence.label),
            prediction=name(sentence.prediction),
            predictions={condition: name(label) for condition, label in sentence.predictions.items()},
        )

    return replace(
        evaluation,
        labels=[name(label) for label in evaluation.labels],
        positive_label=or_none(evaluation.positive_label),
        sentences=[sentence_with_names(sentence) for sentence in evaluation.sentences],
        by_prediction={name(label): metrics for label, metrics in evaluation.by_prediction.items()},
    )

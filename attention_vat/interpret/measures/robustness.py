"""How far predictions and attention move under the model's own worst small perturbation."""

import math
from typing import Any, Dict, List, Optional, Sequence

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.bootstrap import mean_of
from attention_vat.interpret.importance import differentiable_encoder
from attention_vat.interpret.measures.description import Description, change, divergence
from attention_vat.interpret.measures.measure import Columns, CurveStatistics, EvaluationBatch, Measure
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.models import AttentionClassifier, CleanPass, Encoded
from attention_vat.nn.distances import jensen_shannon, total_variation
from attention_vat.regularizers.perturbation import (
    Adversarial,
    AttentionTarget,
    FreeDirections,
    PerturbationRegularizer,
    WordTarget,
)

TARGETS: Dict[str, Any] = {"scores": AttentionTarget, "embeddings": WordTarget}
NAMES = ("accuracy", "difference", "attention_jsd", "attention_tvd")


def _of_target(target: str, words: str) -> Dict[str, Description]:
    group, where = "Robustness", f"under the worst perturbation of the {words}"
    return {
        f"{target}_accuracy": Description(
            f"Accuracy, perturbed {words}",
            f"Share of sentences whose label is predicted {where}.",
            group,
            axis="accuracy",
            better=1,
        ),
        f"{target}_difference": change(
            f"Change of the prediction, perturbed {words}", f"Mean change {where}.", group, better=-1
        ),
        f"{target}_attention_jsd": divergence(
            f"Change of attention, perturbed {words}", f"Mean change {where}.", group, better=-1
        ),
        f"{target}_attention_tvd": Description(
            f"Change of attention (TVD), perturbed {words}",
            f"Mean change {where}.",
            group,
            axis="total variation distance",
            better=-1,
        ),
    }


@Measure.register("robustness")
class Robustness(Measure):
    """
    Moves the attention scores and, separately, the word embeddings of each sentence by a vector of norm ε in the
    direction in which the loss of the model's own prediction ŷ grows fastest,

        r = ε g / ‖g‖₂    with    g = ∇_r −log p(ŷ | x + r) at r = 0

    as training with "attention_at" or "word_at" does with the label. (With two classes Attention VAT finds the same
    direction up to its sign, which is random: here it is always the harmful one.) It returns curves over ε, starting at
    0: `scores_accuracy` and `embeddings_accuracy`, `…_difference` (total variation distance of the prediction),
    `…_attention_jsd` and `…_attention_tvd` (of the attention).

    Registered as a `Measure` with name "robustness".

    # Parameters

    epsilons : `List[float]`, optional (default = `[0.1, 0.3, 1.0, 3.0, 10.0, 30.0]`)
        In units of attention scores or of word embeddings. 0 always comes first.

    Raises `ConfigurationError` if there is no ε, or one is negative, infinite, or repeated.
    """

    descriptions = {**_of_target("scores", "attention scores"), **_of_target("embeddings", "word embeddings")}

    def __init__(self, epsilons: Optional[List[float]] = None) -> None:
        chosen = [0.1, 0.3, 1.0, 3.0, 10.0, 30.0] if epsilons is None else epsilons
        if not chosen or not all(0 <= epsilon < math.inf for epsilon in chosen):
            raise ConfigurationError(f"epsilons are {chosen}, but must be one or more finite numbers of at least 0.")
        if len(set(chosen)) < len(chosen):
            raise ConfigurationError(f"epsilons are {chosen}, but each one may be given only once.")
        self.epsilons = [0.0, *sorted({float(epsilon) for epsilon in chosen} - {0.0})]

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        predicted = batch.probs.argmax(dim=1)
        clean = batch.clean._replace(label=predicted)
        gold = [None if text.label is None else model.labels.index(text.label) for text in batch.texts]
        series: Dict[str, List[List[Optional[float]]]] = {}
        for name, target in TARGETS.items():
            if name == "scores" and not model.attention_decides:
                continue
            regularizer = PerturbationRegularizer(target(), Adversarial(), FreeDirections(), epsilon=1.0)
            with differentiable_encoder(batch.probs.device):
                direction = regularizer.perturbation(model, clean)
            columns: List[List[List[Optional[float]]]] = [[] for _ in NAMES]
            for epsilon in self.epsilons:
                encoded = perturbed(model, clean, name, epsilon * direction)
                probs = model.probabilities(model.decode(encoded, encoded.scores))
                attention = model.attend(encoded, encoded.scores)
                right = zip(gold, probs.argmax(dim=1).tolist())
                columns[0].append([None if label is None else float(label == guess) for label, guess in right])
                columns[1].append(total_variation(probs, batch.probs).tolist())
                columns[2].append(jensen_shannon(attention, batch.attention).tolist())
                columns[3].append(total_variation(attention, batch.attention).tolist())
            for kind, by_epsilon in zip(NAMES, columns):
                series[f"{name}_{kind}"] = [list(points) for points in zip(*by_epsilon)]
        return Columns(series=series)

    def curves(self, sentences: Sequence[SentenceEvaluation]) -> Dict[str, CurveStatistics]:
        curves = {}
        for name in [f"{target}_{kind}" for target in TARGETS for kind in NAMES]:
            rows = [s.series[name] if name in s.series else [None] * len(self.epsilons) for s in sentences]
            points = [mean_of(column) for column in zip(*rows)]
            if any(point.sentences for point in points):
                curves[name] = CurveStatistics("epsilon", self.epsilons, points)
        return curves


def perturbed(model: AttentionClassifier, clean: CleanPass, target: str, perturbation: torch.Tensor) -> Encoded:
    """
    The encoded batch with a perturbation added.

    # Parameters

    model : `AttentionClassifier`
    clean : `CleanPass`
    target : `str`
        `"scores"` or `"embeddings"`.
    perturbation : `torch.Tensor`
        Has the shape of the scores or of the word embeddings.
    """
    if target == "scores":
        return clean.encoded._replace(scores=clean.encoded.scores + perturbation)
    return model.encode(clean.embedded._replace(words=clean.embedded.words + perturbation))

"""Evaluations with every measure, without a model."""

import math
import random
from typing import Dict, List

from attention_vat.interpret.bootstrap import estimates, mean_of
from attention_vat.interpret.results import AttentionEvaluation, Curve
from tests.interpret.made_up import evaluations

SCORES = {
    "kendall_leave_one_out": 1.0,
    "permutation_difference": 1.0,
    "adversarial_jsd": math.log(2),
    "uniform_jsd": math.log(2),
    "uniform_difference": 1.0,
    "seeds_jsd": math.log(2),
    "seeds_difference": 1.0,
}
CURVES = [f"{target}_{what}" for target in ("scores", "embeddings") for what in ("accuracy", "attention_jsd")]
EPSILONS = [0.0, 0.5, 1.0, 2.0, 5.0]


def three_models(number: int = 40) -> Dict[str, AttentionEvaluation]:
    """Three models on the same sentences, the last of which is far from the first one."""
    first, second = all_measures(number)
    third = all_measures(number, seed=0)[1]
    for row, far in zip(first.sentences, third.sentences):
        far.scores["permutation_difference"] = (row.scores["permutation_difference"] or 0.0) + 0.4
        far.attention = far.attention[::-1]
        far.prediction = "01"[far.prediction == "0"]
    statistics = {"permutation_difference": mean_of([s.scores["permutation_difference"] for s in third.sentences])}
    third.statistics.update(statistics)
    third.metrics.update(estimates(statistics, 50))
    return {"plain": first, "<iVAT>": second, "third": third}


def all_measures(number: int = 40, seed: int = 0) -> List[AttentionEvaluation]:
    """Two models as `evaluations` makes them, with what further measures say of their sentences."""
    rng = random.Random(seed)
    both = evaluations(number, seed)
    for result in both:
        for sentence in result.sentences:
            largest = max(sentence.attention)
            for name, most in SCORES.items():
                sentence.scores[name] = None if rng.random() < 0.05 else most * largest * rng.random()
            sentence.scores["max_attention"] = largest
            sentence.words["leave_one_out"] = [rng.random() for _ in sentence.tokens]
            sentence.words["adversarial_attention"] = sentence.attention[::-1]
            sentence.predictions["uniform"] = rng.choice("01")
        statistics = {name: mean_of([s.scores[name] for s in result.sentences]) for name in SCORES}
        result.statistics.update(statistics)
        result.metrics.update(estimates(statistics, 50))
        for name in CURVES:
            columns = [[rng.random() ** (1 + epsilon) for _ in result.sentences] for epsilon in EPSILONS]
            points = [estimates({name: mean_of(column)}, 50)[name] for column in columns]
            result.curves[name] = Curve("epsilon", EPSILONS, points)
    return both

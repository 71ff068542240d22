"""Extreme numbers for what computes, beside the formulas written out in sixty digits."""

import math
import random
from decimal import Decimal, getcontext
from pathlib import Path
from typing import Callable, Dict, List, Sequence

import torch
from scipy.stats import rankdata

from attention_vat.interpret.correlation import pearson
from attention_vat.interpret.ranking import average_ranks
from attention_vat.nn.distances import jensen_shannon, total_variation
from attention_vat.nn.divergence import kl_divergence
from attention_vat.nn.norms import unit_norm
from attention_vat.regularizers.perturbation.directions import Directions
from attention_vat.training.metrics.classification_metric import ClassificationMetric
from tests.chaos.trials import kind
from tests.tiny import tiny_labels, tiny_model, tiny_tokens

getcontext().prec = 60


def _numbers(rng: random.Random, count: int, dtype: torch.dtype, smallest: float, largest: float) -> torch.Tensor:
    """Numbers of one magnitude or of many; all equal, nearly equal, some zero or of either sign."""
    low, high = sorted(rng.uniform(math.log10(smallest), math.log10(largest)) for _ in range(2))
    if rng.random() < 0.5:
        low = high
    values = [rng.choice([-1, 1]) * 10 ** rng.uniform(low, high) for _ in range(count)]
    choice = rng.random()
    if choice < 0.15:
        values = [values[0]] * count
    elif choice < 0.3:
        values = [values[0] * (1 + rng.gauss(0, 1e-6)) for _ in range(count)]
    elif choice < 0.4:
        values = [value * rng.choice([0, 1]) for value in values]
    return torch.tensor(values, dtype=torch.float64).to(dtype)


def _exact(values: torch.Tensor) -> List[Decimal]:
    return [Decimal(value) for value in values.double().tolist()]


def _log_probabilities(logits: Sequence[Decimal]) -> List[Decimal]:
    logits = [Decimal(0), *logits] if len(logits) == 1 else list(logits)
    largest = max(logits)
    log_sum = sum((logit - largest).exp() for logit in logits).ln() + largest
    return [logit - log_sum for logit in logits]


def _kl(rng: random.Random) -> None:
    dtype, count = rng.choice([torch.float32, torch.float64]), rng.choice([1, 2, 3, 7])
    clean = _numbers(rng, count, dtype, 1e-8, 1e4)
    other = clean + _numbers(rng, count, dtype, 1e-9, 1e4) if rng.random() < 0.7 else clean.clone()
    value = kl_divergence(clean.unsqueeze(0), other.unsqueeze(0)).item()
    log_p, log_q = _log_probabilities(_exact(clean)), _log_probabilities(_exact(other))
    expected = float(sum(p.exp() * (p - q) for p, q in zip(log_p, log_q)))
    # The rounding of the logarithms, which are as large as the logits, is that of their difference.
    rounding = 8 * torch.finfo(dtype).eps * (1 + max(clean.abs().max().item(), other.abs().max().item()))
    change = float(sum(p.exp() * abs(p - q) for p, q in zip(log_p, log_q)))
    tolerance = rounding * (change + rounding) + 64 * torch.finfo(dtype).eps * expected
    assert value >= 0 and abs(value - expected) <= tolerance, f"KL of {clean} and {other}: {value}, not {expected}"
    clean[rng.randrange(count)] = math.nan
    for arguments in ((clean, other), (other, clean)):
        value = kl_divergence(*(argument.unsqueeze(0) for argument in arguments)).item()
        assert math.isnan(value), f"KL of {arguments} is {value}"


def _unit_norm(rng: random.Random) -> None:
    dtype = rng.choice([torch.float32, torch.float64])
    values = _numbers(rng, rng.randint(1, 40), dtype, 1e-37, 1e37)
    result = unit_norm(values.unsqueeze(0)).squeeze(0)
    exact = _exact(values)
    norm = sum(value * value for value in exact).sqrt()
    expected = [float(value / norm) if norm else 0.0 for value in exact]
    tolerance = 32 * torch.finfo(dtype).eps
    worst = max(abs(one - other) for one, other in zip(result.tolist(), expected))
    assert worst <= tolerance, f"unit_norm of {values}: {result}, not {expected}"


def _pearson(rng: random.Random) -> None:
    count = rng.randint(1, 12)
    x, y = (_numbers(rng, count, torch.float32, 1e-30, 1e30) for _ in range(2))
    value, defined = (result.item() for result in pearson(x[None], y[None], torch.ones(1, count).bool()))
    deviations = []
    for exact in (_exact(x), _exact(y)):
        mean = sum(exact) / count
        deviations.append([one - mean for one in exact])
    norms = [sum(one * one for one in deviation).sqrt() for deviation in deviations]
    rounding = [float(norm) / (1.2e-7 * max(1e-45, vector.abs().max().item())) for norm, vector in zip(norms, (x, y))]
    if count < 3 or min(rounding) < 0.1:
        assert not defined and value == 0, f"pearson of {x} and {y} is {value}"
    elif min(rounding) > 100:
        expected = float(sum(a * b for a, b in zip(*deviations)) / (norms[0] * norms[1]))
        assert defined and abs(value - expected) < 1e-8, f"pearson of {x} and {y}: {value} ({defined}), not {expected}"


def _ranks(rng: random.Random) -> None:
    values = _numbers(rng, rng.randint(1, 12), torch.float32, 1e-45, 3e38)
    if rng.random() < 0.3:
        values[rng.randrange(len(values))] = rng.choice([math.inf, -math.inf])
    ranks = average_ranks(values[None], torch.ones(1, len(values)).bool())[0].tolist()
    assert ranks == rankdata(values.numpy()).tolist(), f"ranks of {values}: {ranks}"


def _distances(rng: random.Random) -> None:
    dtype, count = rng.choice([torch.float32, torch.float64]), rng.randint(1, 12)
    p, q = (_numbers(rng, count, dtype, 1e-30, 1.0).abs() for _ in range(2))
    p, q = (one / one.sum() if one.sum() > 0 else torch.full_like(one, 1 / count) for one in (p, q))
    exact_p, exact_q = _exact(p), _exact(q)
    expected = float(sum(abs(a - b) for a, b in zip(exact_p, exact_q)) / 2)
    value = total_variation(p, q).item()
    assert abs(value - expected) <= 8 * torch.finfo(dtype).eps, f"TV of {p} and {q}: {value}, not {expected}"
    middle = [(a + b) / 2 for a, b in zip(exact_p, exact_q)]
    parts = [a * (a / m).ln() for one in (exact_p, exact_q) for a, m in zip(one, middle) if a > 0]
    expected, value = float(sum(parts) / 2), jensen_shannon(p, q).item()
    assert value >= 0 and abs(value - expected) <= 64 * torch.finfo(dtype).eps, f"JS of {p} and {q}: {value}"


def _classification(rng: random.Random) -> None:
    labels, size = rng.randint(2, 5), rng.randint(1, 20)
    positive = rng.choice([None, *range(labels)])
    metric = ClassificationMetric(labels, positive)
    predictions = _numbers(rng, size * labels, torch.float32, 1e-45, 3e38).view(size, labels)
    gold = [rng.randrange(labels) for _ in range(size)]
    metric(predictions, torch.tensor(gold))
    guessed = [max(range(labels), key=row.__getitem__) for row in predictions.tolist()]  # the first of equal ones
    f1 = []
    for label in range(labels) if positive is None else [positive]:
        true = sum(one == other == label for one, other in zip(guessed, gold))
        both = guessed.count(label) + gold.count(label)
        f1.append(2 * true / both if both else 0.0)
    numbers = metric.get_metric()
    assert abs(numbers["f1"] - sum(f1) / len(f1)) < 1e-12, f"f1 of {predictions} and {gold}: {numbers}"
    right = sum(one == other for one, other in zip(guessed, gold)) / size
    assert abs(numbers["accuracy"] - right) < 1e-12, f"accuracy of {predictions} and {gold}: {numbers}"


def _directions(rng: random.Random) -> None:
    """Norm 1, or nothing where all scores are equal."""
    count, padding = rng.randint(1, 8), rng.randint(0, 3)
    mask = torch.tensor([[True] * count + [False] * padding])
    point = torch.nn.functional.pad(_numbers(rng, count, torch.float32, 1e-20, 1e20), (0, padding))[None]
    gradient = torch.nn.functional.pad(_numbers(rng, count, torch.float32, 1e-37, 1e37), (0, padding))[None]
    name = rng.choice(["free", "attention_difference"])
    direction = Directions.by_name(name)().unit(gradient, point, mask)
    moves = gradient.abs().max() > 0 and (name == "free" or len(set(point[0, :count].tolist())) > 1)
    norm = direction.double().norm().item()
    assert abs(norm - bool(moves)) < 1e-5, f"{name} of gradient {gradient} at {point}: {direction}, norm {norm}"
    assert not direction[~mask].any(), f"{name}: padding moves"


TECHNIQUES = ["attention_vat", "attention_ivat", "attention_at", "attention_iat", "attention_rp", "word_vat", "word_at"]


def _techniques(rng: random.Random) -> None:
    """Small and huge weights and ε: loss and gradients are finite, and no divergence is below zero."""
    technique = {"type": rng.choice(TECHNIQUES), "epsilon": 10 ** rng.uniform(-10, 4)}
    scale = 10 ** rng.uniform(-8, 3)
    model = tiny_model([technique], dtype=torch.float32, seed=rng.randrange(1000))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(scale)
    lengths = [rng.randint(1, 6) for _ in range(3)]
    output = model(tokens=tiny_tokens(lengths, seed=rng.randrange(1000)), label=tiny_labels(3))
    output["loss"].backward()
    story = f"{technique}, weights of {scale:.1e}, sentences of {lengths} words"
    assert torch.isfinite(output["loss"]), f"{story}: the loss is {output['loss']}"
    for name, parameter in model.named_parameters():
        assert parameter.grad is None or torch.isfinite(parameter.grad).all(), f"{story}: gradient of {name}"
    below = {name: value for name, value in model.get_metrics(reset=True).items() if "kl" in name and value < 0}
    assert not below, f"{story}: {below}"


CHECKS: Dict[str, Callable[[random.Random], None]] = {
    "kl": _kl,
    "unit_norm": _unit_norm,
    "pearson": _pearson,
    "ranks": _ranks,
    "distances": _distances,
    "classification": _classification,
    "directions": _directions,
    "techniques": _techniques,
}


@kind("numerics", "extreme numbers beside formulas in sixty digits", rounds=8_000, quick_rounds=160, seconds=30)
def extreme_numbers(rng: random.Random, directory: Path) -> None:
    CHECKS[rng.choice(sorted(CHECKS))](rng)

"""Attention that differs as much as possible while the prediction stays the same."""

from typing import Any, Dict, NamedTuple, Optional, Sequence

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.bootstrap import Statistic
from attention_vat.interpret.measures.description import change, divergence
from attention_vat.interpret.measures.measure import (
    Columns,
    EvaluationBatch,
    Measure,
    check_at_least_one,
    generator_of,
    mean_statistics,
    optional,
    sampled_rows,
)
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.models import AttentionClassifier, Encoded
from attention_vat.nn.distances import jensen_shannon, total_variation


@Measure.register("adversarial_attention")
class AdversarialAttention(Measure):
    """
    Searches, with the encoder frozen, for K attention distributions `α_k` of a sentence that are far from the model's
    `α` and from each other, and leave the prediction as it is (Jain & Wallace 2019). It reports the ε-max
    Jensen-Shannon divergence, `adversarial_jsd`: the largest `JSD(α_k, α)` of those with a total variation distance
    `½ Σ_c |Δp_c|` of at most `epsilon`, 0 if there is none. It is at most `ln 2 = 0.693`; the smaller it is, the less
    freedom attention has. `adversarial_difference` is the distance of that distribution, and `adversarial_attention`
    its weights.

    The search runs gradient descent (Adam with AMSGrad) on the scores, which start from noise. `formulation` chooses
    the objective for each sentence, that of the paper's published code or of its printed formula:

    - `"code"`: `Σ_k [−JSD(α_k, α) + 500 max(0, Σ_c |Δp_c| − 0.01)] − 1/K² Σ_{j,k} JSD(α_j, α_k)`, where the sum over c
      has only the one output if there are two classes.
    - `"paper"`: `−Σ_k JSD(α_k, α) − 1/(K (K − 1)) Σ_{j<k} JSD(α_j, α_k) + 500/K Σ_k max(0, ½ Σ_c |Δp_c| − ε)` with
      `ε = epsilon`.

    Registered as a `Measure` with name "adversarial_attention".

    # Parameters

    num_adversaries : `int`, optional (default = `5`)
        K.
    num_steps : `int`, optional (default = `500`)
    epsilon : `float`, optional (default = `0.05`)
        How far a prediction may be from the model's to count as the same.
    formulation : `str`, optional (default = `"code"`)
    learning_rate : `float`, optional (default = `0.01`)
    sample : `int`, optional (default = all)
        The number of sentences to evaluate, drawn at random.

    Raises `ConfigurationError` if a parameter is out of range.
    """

    descriptions = {
        "adversarial_jsd": divergence(
            "Adversarial attention, JSD",
            "How far attention can move, as Jensen-Shannon divergence, while the prediction stays (Jain & Wallace "
            "2019).",
            "With other attention",
            "Low values mean that this prediction needs this attention.",
        ),
        "adversarial_difference": change(
            "Adversarial attention, change of the prediction",
            "Total variation distance of the prediction with the adversarial attention.",
            "With other attention",
        ),
    }

    moves_attention = True

    def __init__(
        self,
        num_adversaries: int = 5,
        num_steps: int = 500,
        epsilon: float = 0.05,
        formulation: str = "code",
        learning_rate: float = 0.01,
        sample: Optional[int] = None,
    ) -> None:
        if formulation not in ("code", "paper"):
            raise ConfigurationError(f"formulation is '{formulation}', but must be 'code' or 'paper'.")
        check_at_least_one(num_adversaries=num_adversaries, num_steps=num_steps, sample=sample)
        if not epsilon >= 0:
            raise ConfigurationError(f"epsilon is {epsilon}, but must not be negative.")
        if not learning_rate > 0:
            raise ConfigurationError(f"learning_rate is {learning_rate}, but must be above 0.")
        self.num_adversaries = num_adversaries
        self.num_steps = num_steps
        self.epsilon = epsilon
        self.formulation = formulation
        self.learning_rate = learning_rate
        self.sample = sample

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        rows = sampled_rows(batch, self.sample)
        if not rows:
            return Columns()
        best = self._attack(model, batch, rows)
        mask = batch.mask[rows].cpu()
        has_words = mask.any(dim=1)
        words = [row[attended].tolist() for row, attended in zip(best.attention.cpu(), mask)]
        return Columns(
            scores={
                "adversarial_jsd": optional(best.divergence, has_words),
                "adversarial_difference": optional(best.difference, has_words),
            },
            words={"adversarial_attention": words},
            rows=rows,
        )

    def _attack(self, model: AttentionClassifier, batch: EvaluationBatch, rows: Sequence[int]) -> "_Best":
        k, attention, probs = self.num_adversaries, batch.attention[rows], batch.probs[rows]
        encoded = repeated(batch.clean.encoded, rows, k)
        scores = self._noise(batch, rows).to(attention).requires_grad_()
        optimizer = torch.optim.Adam([scores], lr=self.learning_rate, amsgrad=True)
        with torch.enable_grad():
            for _ in range(self.num_steps):
                weights, changed = self._look(model, encoded, scores)
                difference = total_variation(changed, probs.unsqueeze(1))
                # `backward` would leave gradients in the decoder.
                (scores.grad,) = torch.autograd.grad(self.objective(model, weights, attention, difference), scores)
                optimizer.step()
        with torch.no_grad():
            weights, changed = self._look(model, encoded, scores.detach())
            difference = total_variation(changed, probs.unsqueeze(1))
            divergence = jensen_shannon(weights, attention.unsqueeze(1))
        # The model's own attention is one of the candidates.
        weights = torch.cat([attention.unsqueeze(1), weights], dim=1)
        difference = torch.cat([torch.zeros_like(difference[:, :1]), difference], dim=1)
        divergence = torch.cat([torch.zeros_like(divergence[:, :1]), divergence], dim=1)
        allowed = divergence.masked_fill(difference > self.epsilon, -1.0)
        largest, which = allowed.max(dim=1)
        each = torch.arange(len(rows), device=which.device)
        return _Best(largest, difference[each, which], weights[each, which])

    def _noise(self, batch: EvaluationBatch, rows: Sequence[int]) -> torch.Tensor:
        """Where the search starts, `3 N(0, 1)` at every word. Shape `(num_rows, K, num_words)`."""
        mask = batch.mask[rows].cpu()
        noise = torch.zeros(len(rows), self.num_adversaries, mask.size(1), dtype=torch.float64)
        for place, row in enumerate(rows):
            generator = generator_of(batch.texts[row], batch.options)
            drawn = generator.standard_normal((self.num_adversaries, int(mask[place].sum())))
            noise[place][:, mask[place]] = torch.from_numpy(3 * drawn)
        return noise

    def _look(self, model: AttentionClassifier, encoded: Encoded, scores: torch.Tensor) -> Any:
        flat = scores.flatten(0, 1)
        shape = scores.shape[:2]
        weights = model.attend(encoded, flat).view(*shape, -1)
        return weights, model.probabilities(model.decode(encoded, flat)).view(*shape, -1)

    def objective(
        self, model: AttentionClassifier, weights: torch.Tensor, attention: torch.Tensor, difference: torch.Tensor
    ) -> torch.Tensor:
        """
        The objective, summed over sentences; the term of each sentence depends only on its own scores.

        # Parameters

        model : `AttentionClassifier`
        weights : `torch.Tensor`
            The adversaries' weights, shape `(batch_size, K, num_words)`.
        attention : `torch.Tensor`
            The model's weights, shape `(batch_size, num_words)`.
        difference : `torch.Tensor`
            Total variation distance of the predictions, between 0 and 1, shape `(batch_size, K)`.
        """
        k = self.num_adversaries
        apart = jensen_shannon(weights, attention.unsqueeze(1)).sum()
        # Each pair once: the divergence is symmetric.
        first, second = torch.triu_indices(k, k, offset=1, device=weights.device)
        diverse = jensen_shannon(weights[:, first], weights[:, second]).sum()
        if self.formulation == "paper":
            penalty = (difference - self.epsilon).clamp_min(0.0).sum() / k
            return -apart - diverse / max(1, k * (k - 1)) + 500 * penalty
        sum_of_changes = difference if model.positive_index is not None else 2 * difference
        penalty = (sum_of_changes - 0.01).clamp_min(0.0).sum()
        return -apart - 2 * diverse / k**2 + 500 * penalty

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        return mean_statistics(sentences, ["adversarial_jsd"])


class _Best(NamedTuple):
    """The farthest allowed adversary: its divergence, its distance, and its weights."""

    divergence: torch.Tensor
    difference: torch.Tensor
    attention: torch.Tensor


def repeated(encoded: Encoded, rows: Sequence[int], times: int) -> Encoded:
    """Repeats each of some sentences `times` times in a row."""
    parts = {
        name: part[list(rows)].repeat_interleave(times, dim=0)
        for name, part in encoded._asdict().items()
        if isinstance(part, torch.Tensor)
    }
    return encoded._replace(**parts)

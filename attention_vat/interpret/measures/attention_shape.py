"""How attention is spread, and how much the prediction depends on it."""

from typing import Dict, Optional, Sequence

import torch

from attention_vat.interpret.bootstrap import Statistic
from attention_vat.interpret.measures.description import Description
from attention_vat.interpret.measures.measure import Columns, EvaluationBatch, Measure, mean_statistics, optional
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.models import AttentionClassifier
from attention_vat.nn.word_level import mean_over_words

_UNBOUNDED = (0.0, 10.0)


@Measure.register("attention_shape")
class AttentionShape(Measure):
    """
    Measures what makes a prediction sensitive to its attention scores, and therefore what training with Attention VAT
    changes. To second order, a perturbation `r` of the scores moves the prediction by
    `KL(p(ã) ‖ p(ã + r)) ≈ ½ rᵀ J F Jᵀ r`, where `J = ∂logits/∂ã` and `F = diag(p) − p pᵀ`. With a linear decoder
    `J_t = a_t (v_t − v̄)`, `v̄ = Σ_t a_t v_t`. The divergence is small if attention is spread, if the values of all
    words are alike, or if the prediction is confident. The numbers are means over sentences:

    - `attention_entropy`: `−Σ_t a_t log a_t / log m` of the `m` words, 1 for equal weights; undefined for one word.
    - `attention_squares`: `Σ_t a_t²`, the inverse of the effective number of attended words.
    - `value_variance`: `1/m Σ_t ‖v_t − v̄‖²`, in squared logits for a linear decoder.
    - `score_sensitivity`: the largest eigenvalue of `J F Jᵀ`. Times `½ ε²` it is what Attention VAT minimizes, for
      small `ε`.

    Registered as a `Measure` with name "attention_shape".
    """

    descriptions = {
        "attention_entropy": Description(
            "Entropy of attention",
            "Entropy of the weights relative to equal weights: 1 if every word has the same weight, 0 if one has all.",
            "Attention and the decision",
        ),
        "attention_squares": Description(
            "Sum of squared weights",
            "1 if one word has all the weight, 1 over the number of words if all have the same.",
            "Attention and the decision",
        ),
        "value_variance": Description(
            "Variance of values",
            "Mean squared distance of the words' values from their mean under attention.",
            "Attention and the decision",
            _UNBOUNDED,
        ),
        "score_sensitivity": Description(
            "Sensitivity to scores",
            "Curvature of the prediction's divergence along the worst perturbation of scores.",
            "Attention and the decision",
            _UNBOUNDED,
        ),
    }

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        attention, mask = batch.attention, batch.mask
        num_words = mask.sum(dim=1)
        entropy = torch.special.entr(attention).sum(dim=1) / num_words.clamp(min=2).log()
        scores = {
            "attention_entropy": optional(entropy, num_words > 1),
            "attention_squares": optional(attention.pow(2).sum(dim=1), num_words > 0),
        }
        if model.attention_decides:
            values = batch.clean.encoded.values
            mean = torch.einsum("bt,btv->bv", attention, values)
            distances = (values - mean.unsqueeze(1)).pow(2).sum(dim=2)  # (batch_size, num_words)
            scores["value_variance"] = optional(mean_over_words(distances, mask), num_words > 0)
            scores["score_sensitivity"] = optional(score_sensitivity(model, batch), num_words > 0)
        return Columns(scores=scores)

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        return mean_statistics(sentences, list(self.descriptions))


def score_sensitivity(model: AttentionClassifier, batch: EvaluationBatch) -> torch.Tensor:
    """
    The largest eigenvalue of `J F Jᵀ = Σ_c p_c (J_c − J̄)(J_c − J̄)ᵀ`, `J̄ = Σ_c p_c J_c`. It is computed from a matrix
    of classes by classes.

    # Parameters

    model : `AttentionClassifier`
    batch : `EvaluationBatch`

    # Returns

    sensitivity : `torch.Tensor`
        Shape `(batch_size,)`, never negative.
    """
    encoded = batch.clean.encoded
    with torch.enable_grad():
        scores = encoded.scores.detach().requires_grad_()
        logits = model.decode(encoded, scores)
        rows = [torch.autograd.grad(logit.sum(), scores, retain_graph=True)[0] for logit in logits.unbind(dim=1)]
    jacobian = torch.stack(rows, dim=1)  # (batch_size, num_logits, num_words)
    if model.positive_index is not None:
        # One logit stands for two classes; the other class has logit 0.
        jacobian = torch.cat([jacobian.new_zeros(jacobian.shape), jacobian], dim=1)
        if model.positive_index == 0:
            jacobian = jacobian.flip(1)
    probs = batch.probs.unsqueeze(2)
    centred = probs.sqrt() * (jacobian - (probs * jacobian).sum(dim=1, keepdim=True))
    return torch.linalg.eigvalsh(centred @ centred.transpose(1, 2))[:, -1].clamp(min=0)

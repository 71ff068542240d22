"""How many words have to lose their attention until the decision changes."""

from typing import Dict, Optional, Sequence

import torch

from attention_vat.interpret.bootstrap import Statistic
from attention_vat.interpret.measures.description import Description
from attention_vat.interpret.measures.measure import (
    Columns,
    EvaluationBatch,
    Measure,
    generator_of,
    mean_statistics,
    optional,
)
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.models import AttentionClassifier

ORDERS = ("attention", "importance", "random")


def _descriptions() -> Dict[str, Description]:
    group, orders = (
        "Words without attention",
        {
            "attention": "the most attended words first",
            "importance": "the words with the most gradient importance first",
            "random": "words in a random order",
        },
    )
    return {
        **{
            f"flip_share_{n}": Description(
                f"Decision flip, {n}",
                f"Share of words that lose attention until the prediction changes, {order} (Serrano & Smith 2019).",
                group,
                axis="share of words",
                reading="Attention should need fewer words than chance." if n == "attention" else "",
                better=-1 if n == "attention" else 0,
            )
            for n, order in orders.items()
        },
        **{
            f"flips_{n}": Description(
                f"Sentences that flip, {n}", f"Share of sentences whose prediction changes at all, {order}.", group
            )
            for n, order in orders.items()
        },
    }


@Measure.register("decision_flips")
class DecisionFlips(Measure):
    """
    Takes the weight of one word after the other, renormalizes the scores of the rest (with softmax the same as dividing
    their weights by their sum), and records when the predicted class changes (Serrano & Smith 2019, section 4):
    `flip_share_attention` is the share of words that have to go if those with the most attention go first,
    `flip_share_importance` by gradient importance, `flip_share_random` in random order. A small number means that an
    order finds the decisive words; attention should need fewer words than chance. A prediction that never changes while
    a word is left counts as 1; `flips_attention` is the share of sentences whose prediction changes.

    Sentences with fewer than two words have no value.

    Registered as a `Measure` with name "decision_flips".
    """

    descriptions = _descriptions()

    moves_attention = True

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        # (batch_size, num_words): each sentence has its own draws
        drawn = torch.zeros(batch.mask.shape, dtype=torch.float64)
        for row, text in enumerate(batch.texts):
            here = batch.mask[row].cpu()
            drawn[row, here] = torch.from_numpy(generator_of(text, batch.options).random(int(here.sum())))
        values = {
            "attention": batch.attention,
            "importance": batch.importance.abs(),
            "random": drawn.to(batch.attention.device),
        }
        columns = Columns()
        has_words = batch.mask.sum(dim=1) > 1
        for name in ORDERS:
            shares, flipped = flips(model, batch, values[name])
            columns.scores[f"flip_share_{name}"] = optional(shares, has_words)
            columns.scores[f"flips_{name}"] = optional(flipped.double(), has_words)
        return columns

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        return mean_statistics(sentences, [f"{what}_{name}" for what in ("flip_share", "flips") for name in ORDERS])


def flips(model: AttentionClassifier, batch: EvaluationBatch, order: torch.Tensor) -> Sequence[torch.Tensor]:
    """
    # Parameters

    model : `AttentionClassifier`
    batch : `EvaluationBatch`
    order : `torch.Tensor`
        Words with the largest values go first. Shape `(batch_size, num_words)`.

    # Returns

    shares, flipped : `torch.Tensor`
        The share of words that had lost their attention when the prediction changed, 1 if it did not, and whether it
        did. Shape `(batch_size,)`.
    """
    encoded, mask = batch.clean.encoded, batch.mask
    num_words = mask.sum(dim=1)
    # (batch_size, num_words): the place of each word in the order
    placed = torch.sort(order.masked_fill(~mask, float("-inf")), dim=1, descending=True, stable=True).indices
    ranks = placed.argsort(dim=1)
    predicted = batch.probs.argmax(dim=1)
    shares = torch.ones(len(predicted), dtype=torch.float64, device=predicted.device)
    flipped = torch.zeros_like(predicted, dtype=torch.bool)
    for gone in range(1, int(num_words.max()) if len(num_words) else 0):
        left = mask & (ranks >= gone)
        logits = model.decode(encoded._replace(mask=left), encoded.scores)  # type: ignore[arg-type]
        now = (model.probabilities(logits).argmax(dim=1) != predicted) & left.any(dim=1) & ~flipped
        shares = torch.where(now, gone / num_words.double(), shares)
        flipped = flipped | now
    return shares, flipped

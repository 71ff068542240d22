"""What the model predicts for each word alone."""

import torch

from attention_vat.interpret.measures.measure import Columns, EvaluationBatch, Measure
from attention_vat.models import AttentionClassifier


@Measure.register("single_words")
class SingleWords(Measure):
    """
    Puts all attention on one word after the other: `single_word` is the probability of the positive class, or, with
    more than two classes, of the predicted one (Tutek & Šnajder 2020, Figure 2). Where it is nearly the same for all
    words, the states have mixed them, and attention cannot say which of them matters.

    It has one value per word and no number over the data set.

    Registered as a `Measure` with name "single_words".
    """

    moves_attention = True

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        encoded, mask = batch.clean.encoded, batch.mask
        label = batch.probs.argmax(dim=1)
        if model.positive_index is not None:
            label = torch.full_like(label, model.positive_index)
        # (batch_size, num_words)
        alone = torch.zeros(mask.shape, dtype=batch.probs.dtype, device=mask.device)
        for word in range(mask.size(1)):
            only = torch.zeros_like(mask)
            only[:, word] = mask[:, word]
            probs = model.probabilities(model.decode(encoded._replace(mask=only), encoded.scores))
            alone[:, word] = probs.gather(1, label.unsqueeze(1)).squeeze(1)
        return Columns(words={"single_word": batch.rows(alone)})

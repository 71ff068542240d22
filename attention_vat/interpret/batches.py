"""The clean pass of a batch, with the importance of its words."""

from typing import List

import torch

from attention_vat.interpret.importance import differentiable_pass, importance_of
from attention_vat.interpret.measures import EvaluationBatch
from attention_vat.interpret.options import EvaluationOptions
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.interpret.texts import Text, inputs_of
from attention_vat.models import AttentionClassifier, CleanPass
from attention_vat.models.attention_classifier import check_finite
from attention_vat.models.words import attended
from attention_vat.regularizers.perturbation.target import detached


def clean_batch(
    model: AttentionClassifier, texts: List[Text], num_sentences: int, options: EvaluationOptions
) -> EvaluationBatch:
    """
    Runs the clean pass that every measure starts from.

    # Parameters

    model : `AttentionClassifier`
        In eval mode.
    texts : `List[Text]`
    num_sentences : `int`
        The number of sentences in the whole data set.
    options : `EvaluationOptions`

    Raises `ConfigurationError` if a text does not have one embedding per token, or if the model's predictions are not
    finite.
    """
    differentiable = differentiable_pass(model, inputs_of(model, [text.instance for text in texts]))
    through, constant = (
        importance_of(model, differentiable, attention, options.output, options.method)
        for attention in ("through", "constant")
    )
    embedded, encoded = detached(differentiable.embedded), detached(differentiable.encoded)
    with torch.no_grad():
        logits = model.decode(encoded, encoded.scores)
        probs, attention = model.probabilities(logits), model.attend(encoded, encoded.scores)
    for values in (probs, attention):
        check_finite(values)
    batch = EvaluationBatch(
        texts, [], CleanPass(embedded, encoded, logits), probs, attention, through, constant, num_sentences, options
    )
    batch.sentences = _sentences(model, batch)
    return batch


def _sentences(model: AttentionClassifier, batch: EvaluationBatch) -> List[SentenceEvaluation]:
    columns = [batch.rows(v) for v in (batch.attention, batch.importance, batch.importance_attention_constant)]
    num_read = batch.clean.embedded.mask[:, : batch.mask.size(1)].sum(dim=1).tolist()
    sentences = []
    for row, (text, probs) in enumerate(zip(batch.texts, batch.probs.tolist())):
        place = (num_read[row], model.boundary_tokens, f"Sentence '{text.id}'")
        sentences.append(
            SentenceEvaluation(
                id=text.id,
                tokens=attended(text.tokens, *place),
                label=text.label,
                prediction=model.labels[max(range(len(probs)), key=probs.__getitem__)],
                probs=probs,
                attention=columns[0][row],
                importance=columns[1][row],
                importance_attention_constant=columns[2][row],
                rationale=None if text.rationale is None else attended(text.rationale, *place),
            )
        )
    return sentences

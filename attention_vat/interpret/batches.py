"""The clean pass of a batch, with the importance of its words."""

from typing import Any, List, Sequence

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.importance import differentiable_pass, importance_of
from attention_vat.interpret.measures import EvaluationBatch
from attention_vat.interpret.options import EvaluationOptions
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.interpret.texts import Text, inputs_of
from attention_vat.models import AttentionClassifier, CleanPass
from attention_vat.perturbations.target import detached


def clean_batch(
    model: AttentionClassifier, texts: List[Text], num_sentences: int, options: EvaluationOptions
) -> EvaluationBatch:
    """
    What every measure starts from.

    # Parameters

    model : `AttentionClassifier`
        In eval mode.
    texts : `List[Text]`
    num_sentences : `int`
        In the whole data set.
    options : `EvaluationOptions`

    Raises `ConfigurationError` if a text does not have one embedding per token.
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
    batch = EvaluationBatch(
        texts, [], CleanPass(embedded, encoded, logits), probs, attention, through, constant, num_sentences, options
    )
    batch.sentences = _sentences(model, batch)
    return batch


def _sentences(model: AttentionClassifier, batch: EvaluationBatch) -> List[SentenceEvaluation]:
    attended = batch.mask.cpu()
    words = batch.clean.embedded.mask.cpu()[:, : attended.size(1)]
    columns = [batch.rows(v) for v in (batch.attention, batch.importance, batch.importance_attention_constant)]
    sentences = []
    for row, (text, probs) in enumerate(zip(batch.texts, batch.probs.tolist())):
        # Marks of start and end take no attention; the reader's tokens may or may not include them.
        here, kept = attended[row], [True] * len(text.tokens)
        if len(text.tokens) != int(here.sum()):
            kept = here[words[row]].tolist()
        if len(kept) != len(text.tokens):
            raise ConfigurationError(
                f"Sentence '{text.id}' has {len(text.tokens)} tokens, but the model sees {len(kept)} words. "
                "Use token indexers that give one embedding per token."
            )
        sentences.append(
            SentenceEvaluation(
                id=text.id,
                tokens=_only(text.tokens, kept),
                label=text.label,
                prediction=model.labels[max(range(len(probs)), key=probs.__getitem__)],
                probs=probs,
                attention=columns[0][row],
                importance=columns[1][row],
                importance_attention_constant=columns[2][row],
                rationale=None if text.rationale is None else _only(text.rationale, kept),
            )
        )
    return sentences


def _only(items: Sequence[Any], kept: Sequence[bool]) -> List[Any]:
    return [item for item, keep in zip(items, kept) if keep]

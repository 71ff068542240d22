"""A model's predictions for texts without some of their words."""

from typing import List

import torch
from allennlp.data import Instance
from allennlp.data.fields import TextField

from attention_vat.interpret.measures.measure import EvaluationBatch
from attention_vat.interpret.texts import inputs_of, token_batches
from attention_vat.models import AttentionClassifier, Embedded
from attention_vat.models.words import marks_of, text_of


def probabilities_of_parts(
    model: AttentionClassifier, batch: EvaluationBatch, rows: torch.Tensor, kept: torch.Tensor
) -> torch.Tensor:
    """
    Predicts on copies of the texts of a batch that keep only some of their words, in the same order. The rest is
    deleted, not masked: the encoder reads a shorter text. Start and end tokens, and the second text of a pair, are
    always kept. Copies of similar length are encoded together, up to `options.batch_tokens` words at once.

    # Parameters

    model : `AttentionClassifier`
        In eval mode.
    batch : `EvaluationBatch`
    rows : `torch.LongTensor`
        The text of the batch that each copy is made from, shape `(num_copies,)`.
    kept : `torch.BoolTensor`
        True at the words that stay, shape `(num_copies, num_words)`. Only words that take attention can go.

    # Returns

    probs : `torch.Tensor`
        Shape `(num_copies, num_labels)`.

    # Examples

        # Each text without its most attended word.
        rows = torch.arange(len(batch.texts))
        most = torch.nn.functional.one_hot(batch.attention.argmax(dim=1), batch.attention.size(1)).bool()
        probabilities_of_parts(model, batch, rows, ~most)
    """
    embedded = batch.clean.embedded
    kept = kept | ~batch.mask[rows]
    # Embeddings from a table do not depend on neighbouring words, so they can be moved together. Others (of a
    # transformer, say) have to be recomputed.
    from_table = embedded.ids is not None
    beside = embedded.mask[:, kept.size(1) :].sum(dim=1)
    lengths = (kept & embedded.mask[rows, : kept.size(1)]).sum(dim=1) + beside[rows]
    probs = batch.probs.new_empty(len(rows), batch.probs.size(1))
    with torch.no_grad():
        for indices in token_batches(lengths.tolist(), batch.options.batch_tokens):
            some = torch.tensor(indices, device=rows.device)
            if from_table:
                part = words_kept(embedded, rows[some], kept[some])
            else:
                part = model.embed(inputs_of(model, _shortened(model, batch, rows[some], kept[some])))
            encoded = model.encode(part)
            probs[some] = model.probabilities(model.decode(encoded, encoded.scores))
    return probs


def words_kept(embedded: Embedded, rows: torch.Tensor, kept: torch.Tensor) -> Embedded:
    """
    Copies some texts with the kept words moved together, no wider than the longest copy.

    # Parameters

    embedded : `Embedded`
        Its embeddings must not depend on neighbouring words.
    rows : `torch.LongTensor`
        Shape `(num_copies,)`.
    kept : `torch.BoolTensor`
        True at the words that stay in the text under attention, shape `(num_copies, num_words)`.
    """
    border = kept.size(1)
    stays = embedded.mask[rows].clone()
    stays[:, :border] &= kept
    parts = [stays[:, :border], stays[:, border:]]
    # A stable sort keeps the order of the words that stay; padding follows them.
    orders, masks = [], []
    for offset, part in zip((0, border), parts):
        width = int(part.sum(dim=1).max()) if part.numel() else 0
        # At least one column, since readers pad an empty text.
        width = max(width, min(part.size(1), 1))
        order = (~part).long().sort(dim=1, stable=True).indices[:, :width]
        orders.append(order + offset)
        masks.append(part.gather(1, order))
    order = torch.cat(orders, dim=1)
    whose = rows.unsqueeze(1)
    return embedded._replace(
        words=embedded.words[whose, order],
        mask=torch.cat(masks, dim=1),
        ids=None if embedded.ids is None else embedded.ids[whose, order],
        num_premise_words=None if embedded.num_premise_words is None else orders[0].size(1),
        class_mask=None if embedded.class_mask is None else embedded.class_mask[rows],
    )


def _shortened(
    model: AttentionClassifier, batch: EvaluationBatch, rows: torch.Tensor, kept: torch.Tensor
) -> List[Instance]:
    name = model.input_names[0]
    copies = []
    for row, keep in zip(rows.tolist(), kept.tolist()):
        instance = batch.texts[row].instance.duplicate()
        text = text_of(instance, name)
        # The special tokens of indexers go around the words that stay.
        first = len(marks_of(text).start)
        tokens = [token for place, token in enumerate(text.tokens, start=first) if keep[place]]
        instance.fields[name] = TextField(tokens, text._token_indexers)
        copies.append(instance)
    return copies

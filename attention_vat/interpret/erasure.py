"""What a model says of a text of which some words are gone."""

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
    The predictions for copies of the texts of a batch that have only some of their words, in the same order. The rest
    is deleted, not masked: the encoder reads a shorter text. Marks of start and end, and the second text of a pair, are
    always kept. Copies of similar length are encoded together, up to `options.batch_tokens` words at once.

    # Parameters

    model : `AttentionClassifier`
        In eval mode.
    batch : `EvaluationBatch`
    rows : `torch.LongTensor`
        Which text of the batch each copy is made of, shape `(num_copies,)`.
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
    # Words that come out of a table do not know their neighbours, so that their embeddings can be moved together.
    # Others (of a transformer, say) have to be made again.
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
    Copies of some texts with the kept words moved together, and no wider than the longest of them.

    # Parameters

    embedded : `Embedded`
        Of embeddings that do not depend on the neighbours of a word.
    rows : `torch.LongTensor`
        Shape `(num_copies,)`.
    kept : `torch.BoolTensor`
        Of the text under attention, shape `(num_copies, num_words)`.
    """
    border = kept.size(1)
    stays = embedded.mask[rows].clone()
    stays[:, :border] &= kept
    parts = [stays[:, :border], stays[:, border:]]
    # Stable, so that the words that stay keep their order; what follows them is padding.
    orders, masks = [], []
    for offset, part in zip((0, border), parts):
        width = int(part.sum(dim=1).max()) if part.numel() else 0
        # One column at least, as readers pad an empty text.
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
        # The marks of indexers are put around what stays.
        first = len(marks_of(text).start)
        tokens = [token for place, token in enumerate(text.tokens, start=first) if keep[place]]
        instance.fields[name] = TextField(tokens, text._token_indexers)
        copies.append(instance)
    return copies

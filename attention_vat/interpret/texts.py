"""From instances to batches of bounded size."""

from dataclasses import dataclass
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Union

from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, DataLoader, Instance
from allennlp.data.fields import MetadataField, TextField
from allennlp.nn import util

from attention_vat.models import AttentionClassifier


@dataclass
class Text:
    """
    What an evaluation needs of an instance.

    # Parameters

    index : `int`
        Its place in the data, from 0.
    id : `str`
    instance : `Instance`
        Only the fields that the model embeds. The label stays outside: it is compared by name.
    tokens : `List[str]`
        The words of the text under attention, as the reader has them.
    length : `int`
        In words, of both texts of a pair.
    label : `str`, optional
    rationale : `List[int]`, optional
        1 for each of `tokens` that people marked.
    evidences : `List[Tuple[int, int]]`, optional
        The spans that people marked, where the data keeps them apart; without marks of start and end.
    """

    index: int
    id: str
    instance: Instance
    tokens: List[str]
    length: int
    label: Optional[str]
    rationale: Optional[List[int]]
    evidences: Optional[List[Tuple[int, int]]] = None


def texts_of(model: AttentionClassifier, instances: Union[DataLoader, Iterable[Instance]]) -> List[Text]:
    """
    Reads all instances.

    Raises `ConfigurationError` if there are none, if a label is not one of the model's, or if a rationale does not have
    one mark per token.
    """
    if isinstance(instances, DataLoader):
        instances = instances.iter_instances()
    texts = [_text_of(model, instance, index) for index, instance in enumerate(instances)]
    if not texts:
        raise ConfigurationError("There are no sentences to evaluate attention on.")
    return texts


def token_batches(lengths: Sequence[int], batch_tokens: int) -> Iterator[List[int]]:
    """Indices of texts of similar length, longest first, with at most `batch_tokens` words with padding."""
    # AllenNLP's MaxTokensBatchSampler draws from the global random generator, which an evaluation must leave alone.
    batch: List[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        # The first one of a batch is its longest.
        if batch and lengths[batch[0]] * (len(batch) + 1) > batch_tokens:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def inputs_of(model: AttentionClassifier, instances: Sequence[Instance]) -> Dict[str, Any]:
    """What `model.embed` reads, on the device of the model."""
    # An instance remembers the vocabulary that it was indexed with, but there may be several models.
    batch = Batch([instance.duplicate() for instance in instances])
    batch.index_instances(model.vocab)
    tensors = util.move_to_device(batch.as_tensor_dict(), next(model.parameters()).device)
    return model.inputs(tensors)


def _text_of(model: AttentionClassifier, instance: Instance, index: int) -> Text:
    fields = instance.fields
    text_fields = {name: text for name, text in fields.items() if isinstance(text, TextField)}
    if not text_fields:
        raise ConfigurationError(f"Sentence {index + 1} has no text field, only {sorted(fields)}.")
    metadata = fields["metadata"].metadata if isinstance(fields.get("metadata"), MetadataField) else {}
    identifier = str(metadata.get("id") if metadata.get("id") is not None else index + 1)
    # The first input is the text under attention (the passage of a pair).
    attended = text_fields.get(model.input_names[0], next(iter(text_fields.values())))
    tokens = metadata.get("tokens") or metadata.get("premise_tokens") or [token.text for token in attended.tokens]

    label = getattr(fields.get("label"), "label", None)
    if isinstance(label, int):
        label = model.labels[label]
    if label is not None and label not in model.labels:
        raise ConfigurationError(
            f"Sentence '{identifier}' has the label '{label}', but the model was trained with {model.labels}."
        )
    rationale = metadata.get("rationale")
    if rationale is not None and len(rationale) != len(tokens):
        raise ConfigurationError(
            f"The rationale of sentence '{identifier}' has {len(rationale)} marks for {len(tokens)} tokens. "
            'Give "tokens" instead of "text" to say which words it is about.'
        )
    return Text(
        index=index,
        id=identifier,
        instance=Instance({name: fields[name] for name in model.input_names if name in fields}),
        tokens=list(tokens),
        length=sum(text.sequence_length() for text in text_fields.values()),
        label=label,
        rationale=None if rationale is None else [int(bool(mark)) for mark in rationale],
        evidences=_evidences_of(metadata.get("evidences"), identifier),
    )


def _evidences_of(spans: Any, identifier: str) -> Optional[List[Tuple[int, int]]]:
    if spans is None:
        return None
    for span in spans if isinstance(spans, list) else [spans]:
        pair = isinstance(span, list) and len(span) == 2 and all(isinstance(place, int) for place in span)
        if not pair or not 0 <= span[0] <= span[1]:
            raise ConfigurationError(
                f"The \"evidences\" of sentence '{identifier}' have {span!r}, which is no span [start, end] of tokens."
            )
    return [(start, end) for start, end in spans]

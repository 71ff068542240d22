"""From instances to batches of bounded size."""

from dataclasses import dataclass
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Union

from allennlp.common.checks import ConfigurationError
from allennlp.common.util import START_SYMBOL
from allennlp.data import Batch, DataLoader, Instance
from allennlp.data.fields import TextField
from allennlp.nn import util

from attention_vat.models import AttentionClassifier
from attention_vat.models.words import marks_of, metadata_of, text_of, words_of


@dataclass
class Text:
    """
    What an evaluation needs to know about an instance.

    # Parameters

    index : `int`
        Its position in the data, from 0.
    id : `str`
    instance : `Instance`
        Only the fields that the model embeds. The label stays outside: it is compared by name.
    tokens : `List[str]`
        What the model reads of the text under attention: the reader's words, and the special tokens around them.
    length : `int`
        The number of words, of both texts for a pair.
    label : `str`, optional
    rationale : `List[int]`, optional
        1 for each of `tokens` that people marked.
    evidences : `List[Tuple[int, int]]`, optional
        The spans that people marked, if the data tells them apart, as positions of the words that take attention.
    attended_marks : `int`
        How many start tokens take attention because `boundary_tokens` does not count them.
    """

    index: int
    id: str
    instance: Instance
    tokens: List[str]
    length: int
    label: Optional[str]
    rationale: Optional[List[int]]
    evidences: Optional[List[Tuple[int, int]]] = None
    attended_marks: int = 0


def texts_of(model: AttentionClassifier, instances: Union[DataLoader, Iterable[Instance]]) -> List[Text]:
    """
    Reads all instances.

    Raises `ConfigurationError` if there are none, if one lacks a text that the model reads, if a label is not one of
    the model's, or if a rationale does not have one mark per token.
    """
    if isinstance(instances, DataLoader):
        instances = instances.iter_instances()
    texts = [_text_of(model, instance, index) for index, instance in enumerate(instances)]
    if not texts:
        raise ConfigurationError("There are no sentences to evaluate attention on.")
    return texts


def token_batches(lengths: Sequence[int], batch_tokens: int) -> Iterator[List[int]]:
    """Yields indices of texts of similar length, longest first, with at most `batch_tokens` words including padding."""
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
    """The inputs of `model.embed`, on the device of the model."""
    # An instance remembers the vocabulary that it was indexed with, but there may be several models.
    batch = Batch([instance.duplicate() for instance in instances])
    batch.index_instances(model.vocab)
    tensors = util.move_to_device(batch.as_tensor_dict(), next(model.parameters()).device)
    return model.inputs(tensors)


def _text_of(model: AttentionClassifier, instance: Instance, index: int) -> Text:
    fields, metadata = instance.fields, metadata_of(instance)
    identifier = str(metadata.get("id") if metadata.get("id") is not None else index + 1)
    # The first input is the text under attention (the passage of a pair).
    attended = text_of(instance, model.input_names[0], f"Sentence {index + 1}")
    tokens, marks = words_of(instance, model.input_names[0]), marks_of(attended)
    first = len(marks.start) + (tokens[len(marks.start) :][:1] == [START_SYMBOL])
    attended_marks = max(0, first - model.boundary_tokens)

    label = getattr(fields.get("label"), "label", None)
    if label is not None:
        label = model.label_of(label, f"Sentence '{identifier}'")
    rationale = metadata.get("rationale")
    if rationale is not None:
        rationale = [int(bool(mark)) for mark in rationale]
        # The reader's words may or may not include start and end tokens.
        beyond = [0] * model.boundary_tokens
        if len(rationale) == len(attended.tokens):
            rationale = marks.around(rationale, 0)
        elif len(rationale) + 2 * len(beyond) == len(tokens):
            rationale = beyond + rationale + beyond
        else:
            raise ConfigurationError(
                f"The rationale of sentence '{identifier}' has {len(rationale)} marks for {len(attended.tokens)} "
                'tokens. Give "tokens" instead of "text" to say which words it is about.'
            )
    evidences = _evidences_of(metadata.get("evidences"), identifier)
    return Text(
        index=index,
        id=identifier,
        instance=Instance({name: fields[name] for name in model.input_names if name in fields}),
        tokens=tokens,
        length=sum(field.sequence_length() for field in fields.values() if isinstance(field, TextField)),
        label=label,
        rationale=rationale,
        evidences=evidences and [(start + attended_marks, end + attended_marks) for start, end in evidences],
        attended_marks=attended_marks,
    )


def _evidences_of(spans: Any, identifier: str) -> Optional[List[Tuple[int, int]]]:
    if spans is None:
        return None
    for span in spans if isinstance(spans, list) else [spans]:
        pair = isinstance(span, list) and len(span) == 2 and all(isinstance(place, int) for place in span)
        if not pair or not 0 <= span[0] <= span[1]:
            raise ConfigurationError(
                f"The \"evidences\" of sentence '{identifier}' have {span!r}, which is not a token span [start, end]."
            )
    return [(start, end) for start, end in spans]

"""Which word belongs to which attention weight."""

from typing import Any, Dict, List, NamedTuple, Sequence, TypeVar

from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.data.fields import MetadataField, TextField

T = TypeVar("T")


class Marks(NamedTuple):
    """
    The boundary tokens that token indexers put around a text, which the model reads but the text does not contain.

    # Parameters

    start, end : `List[str]`
    """

    start: List[str]
    end: List[str]

    def around(self, items: Sequence[T], mark: Any = None) -> List[T]:
        """The items of the words, plus one for each boundary token: `mark`, or else its name."""
        start, end = (names if mark is None else [mark] * len(names) for names in self)
        return [*start, *items, *end]


def marks_of(text: TextField) -> Marks:
    """The `start_tokens` and `end_tokens` of the indexers of a text."""
    found = [
        Marks(*([token.text for token in getattr(indexer, name, [])] for name in ("_start_tokens", "_end_tokens")))
        for indexer in (text._token_indexers or {}).values()
    ]
    # Indexers that add different numbers of boundary tokens cannot share an embedder.
    return max(found, key=lambda marks: len(marks.start) + len(marks.end), default=Marks([], []))


def metadata_of(instance: Instance) -> Dict[str, Any]:
    """The metadata of an instance, empty if there is none."""
    field = instance.fields.get("metadata")
    return field.metadata if isinstance(field, MetadataField) else {}


def text_of(instance: Instance, name: str, where: str = "An instance") -> TextField:
    """
    A text field of an instance. Raises `ConfigurationError` that names `where` it was looked for if it is missing.
    """
    text = instance.fields.get(name)
    if not isinstance(text, TextField):
        raise ConfigurationError(
            f"{where} has no text field '{name}', which the model reads, only {sorted(instance.fields)}; use the kind "
            "of dataset reader that the model was trained with."
        )
    return text


def words_of(instance: Instance, name: str) -> List[str]:
    """
    The words that the model reads: the tokens of a text field as the reader returned them, in the vocabulary or not,
    and the boundary tokens that indexers put around them.

    # Parameters

    instance : `Instance`
    name : `str`
        The name of the text field.

    Raises `ConfigurationError` if there is no such text field.
    """
    text = text_of(instance, name)
    return marks_of(text).around([str(token) for token in text.tokens])


def attended(items: Sequence[T], num_read: int, boundary_tokens: int, name: str) -> List[T]:
    """
    The items of the attended words.

    # Parameters

    items : `Sequence[T]`
        One for each token that the model reads, or one for each attended word.
    num_read : `int`
        How many tokens the model reads: the words and any boundary tokens around them.
    boundary_tokens : `int`
        How many of them at each end are boundary tokens, which get no attention.
    name : `str`
        The name of the text in error messages.

    # Returns

    attended : `List[T]`
        `max(0, num_read - 2 * boundary_tokens)` items.

    Raises `ConfigurationError` if the number of items is neither.

    # Examples

        attended(["@start@", "a", "film", "@end@"], 4, 1, "s1")  # ["a", "film"]
        attended(["a", "film"], 4, 1, "s1")  # ["a", "film"]
    """
    if len(items) == num_read:
        return list(items[boundary_tokens : max(boundary_tokens, num_read - boundary_tokens)])
    if len(items) == max(0, num_read - 2 * boundary_tokens):
        return list(items)
    marks, odd = divmod(num_read - len(items), 2)
    remedy = "Use token indexers that give one embedding per token"
    if num_read < len(items):
        remedy += ", and no empty tokens, which some of them treat as padding"
    elif not odd:
        remedy += f", or set the model's boundary_tokens to {marks} if they add {marks} at each end of a text"
    raise ConfigurationError(f"{name} has {len(items)} tokens, but the model sees {num_read} words. {remedy}.")

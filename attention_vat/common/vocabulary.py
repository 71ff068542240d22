"""Looking things up in a vocabulary without changing it."""

from typing import Dict

from allennlp.common.util import namespace_match
from allennlp.data import Vocabulary


def indices_of(vocab: Vocabulary, namespace: str) -> Dict[str, int]:
    """
    The tokens of a namespace with their indices, as AllenNLP's `get_token_to_index_vocabulary` gives them. That makes a
    namespace which is not there yet, and so do its other look-ups; a vocabulary with an empty namespace of labels
    cannot be saved any more.

    # Parameters

    vocab : `Vocabulary`
    namespace : `str`

    # Examples

        indices_of(vocab, "labels").get("positive")
    """
    namespaces = vocab._token_to_index
    if namespace in namespaces:
        return namespaces[namespace]
    if any(namespace_match(pattern, namespace) for pattern in namespaces._non_padded_namespaces):
        return namespaces._non_padded_function()
    return namespaces._padded_function()

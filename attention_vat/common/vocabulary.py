"""Look-ups in a vocabulary that do not change it."""

from typing import Dict

from allennlp.common.util import namespace_match
from allennlp.data import Vocabulary


def indices_of(vocab: Vocabulary, namespace: str) -> Dict[str, int]:
    """
    Returns the tokens of a namespace with their indices, like AllenNLP's `get_token_to_index_vocabulary`. That method
    and AllenNLP's other look-ups create a missing namespace, and a vocabulary with an empty namespace of labels cannot
    be saved.

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

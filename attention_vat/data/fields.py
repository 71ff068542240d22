from typing import Sequence

from allennlp.data import Vocabulary
from allennlp.data.fields import MultiLabelField

from attention_vat.common.vocabulary import indices_of


class CandidatesField(MultiLabelField):
    """
    The labels that may be the answer to a question, as a tensor of zeros and ones with one value for each label of the
    vocabulary.

    Unlike a `MultiLabelField`, it ignores labels that are not in the vocabulary, since a model cannot answer with them.
    So a test question may have candidates that occur in no training question.

    # Parameters

    labels : `Sequence[str]`
    label_namespace : `str`, optional (default = `"labels"`)
    """

    def __init__(self, labels: Sequence[str], label_namespace: str = "labels") -> None:
        super().__init__(labels, label_namespace)

    def index(self, vocab: Vocabulary) -> None:
        known = indices_of(vocab, self._label_namespace)
        self._label_ids = [known[label] for label in self.labels if label in known]
        self._num_labels = len(known)

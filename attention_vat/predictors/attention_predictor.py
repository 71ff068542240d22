"""What the predictors of all attention models share."""

from typing import Any, Dict, List, Tuple, Union

import numpy
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.data.fields import LabelField
from allennlp.predictors import Predictor

from attention_vat.models import AttentionClassifier

Text = Union[str, List[str]]


class AttentionPredictor(Predictor):
    """
    Reads texts that are strings or lists of words, and gives AllenNLP's saliency interpreters and attackers the
    instance with the predicted label that they need.
    """

    @staticmethod
    def text_from(json_dict: Dict[str, Any], key: str, example: str) -> Text:
        """
        The text at `key`: a string, or a list of words. Raises `ConfigurationError` with an `example` of what is
        expected if it is neither.
        """
        text = json_dict.get(key)
        if isinstance(text, str) or (isinstance(text, list) and all(isinstance(word, str) for word in text)):
            return text
        raise ConfigurationError(
            f'Each input needs a "{key}", which is a string or a list of words, such as {example}; '
            f"this one is {str(json_dict)[:200]}"
        )

    def get_gradients(self, instances: List[Instance]) -> Tuple[Dict[str, Any], Dict[str, Any]]:
        """As AllenNLP's. Attackers change the words of an instance, not those that the reader keeps in its metadata."""
        model = self._model
        assert isinstance(model, AttentionClassifier)
        return super().get_gradients([model.with_words(instance) for instance in instances])

    def predictions_to_labeled_instances(self, instance: Instance, outputs: Dict[str, numpy.ndarray]) -> List[Instance]:
        """The instance with the class that the model predicts."""
        labeled = instance.duplicate()
        labeled.add_field("label", LabelField(int(numpy.argmax(outputs["probs"])), skip_indexing=True))
        return [labeled]

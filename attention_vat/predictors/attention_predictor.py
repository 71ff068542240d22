"""The base class of the predictors of all attention models."""

from typing import Any, Dict, List, Tuple, Union

import numpy
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import JsonDict
from allennlp.data import Instance
from allennlp.data.fields import LabelField
from allennlp.predictors import Predictor

from attention_vat.models import AttentionClassifier

Text = Union[str, List[str]]


class AttentionPredictor(Predictor):
    """
    Reads texts that are strings or lists of words, and gives AllenNLP's saliency interpreters and attackers the
    instance with the predicted label that they need. An input may be a line of the data: the prediction then has its
    `id`, and its `label` as `gold_label`.
    """

    def predict_json(self, inputs: JsonDict) -> JsonDict:
        return {**_origin(inputs), **super().predict_json(inputs)}

    def predict_batch_json(self, inputs: List[JsonDict]) -> List[JsonDict]:
        return [{**_origin(one), **output} for one, output in zip(inputs, super().predict_batch_json(inputs))]

    @classmethod
    def sentence_from(cls, json_dict: JsonDict) -> Text:
        """The only text of an input: at `sentence`, or at `tokens` or `text` as in lines of the data."""
        return cls.text_from(json_dict, "sentence", '{"sentence": "a fine film"}', "tokens", "text")

    @staticmethod
    def text_from(json_dict: Dict[str, Any], key: str, example: str, *others: str) -> Text:
        """
        The text at `key`, or at one of the `others`: a string, or a list of words. Raises `ConfigurationError` with an
        `example` of what is expected if it is neither.
        """
        text = next((json_dict[name] for name in (key, *others) if name in json_dict), None)
        if isinstance(text, str) or (isinstance(text, list) and all(isinstance(word, str) for word in text)):
            return text
        raise ConfigurationError(
            f'Each input needs a "{key}", which is a string or a list of words, such as {example}; '
            f"this one is {str(json_dict)[:200]}"
        )

    def get_gradients(self, instances: List[Instance]) -> Tuple[Dict[str, Any], Dict[str, Any]]:
        """
        Computes gradients as AllenNLP's method does. Attackers change the words of an instance, not those that the
        reader keeps in its metadata.
        """
        model = self._model
        assert isinstance(model, AttentionClassifier)
        return super().get_gradients([model.with_words(instance) for instance in instances])

    def predictions_to_labeled_instances(self, instance: Instance, outputs: Dict[str, numpy.ndarray]) -> List[Instance]:
        """The instance with the class that the model predicts."""
        labeled = instance.duplicate()
        labeled.add_field("label", LabelField(int(numpy.argmax(outputs["probs"])), skip_indexing=True))
        return [labeled]


def _origin(inputs: JsonDict) -> JsonDict:
    return {name: inputs[key] for key, name in (("id", "id"), ("label", "gold_label")) if inputs.get(key) is not None}

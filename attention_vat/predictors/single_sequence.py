"""Predictions for one text."""

import inspect
from functools import cached_property

from allennlp.common.util import JsonDict
from allennlp.data import Instance
from allennlp.predictors import Predictor

from attention_vat.data.tokenizers import WordsTokenizer
from attention_vat.predictors.attention_predictor import AttentionPredictor, Text


@Predictor.register("single_sequence_attention")
class SingleSequencePredictor(AttentionPredictor):
    """
    Takes `{"sentence": "a fine film"}`, or `{"sentence": ["a", "fine", "film"]}` for a text that is already split into
    words, or a line of the data (`{"id": …, "tokens": […], "label": …}`), and returns `label`, `probs` (one for each of
    `labels`), `tokens` and `attention` (one weight for each token).

    Works with the readers `single_sequence`, `text_classification_json` and `sst_tokens`.

    Registered as a `Predictor` with name "single_sequence_attention".

    # Examples

        predictor = Predictor.from_path("model.tar.gz")
        predictor.predict("a fine film")["attention"]
    """

    def predict(self, sentence: Text) -> JsonDict:
        """The prediction for one text."""
        return self.predict_json({"sentence": sentence})

    @cached_property
    def _takes(self) -> str:
        """The reader's name for a text: `sst_tokens` takes words, `text_classification_json` a string, ours either."""
        return next(iter(inspect.signature(self._dataset_reader.text_to_instance).parameters))

    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        sentence = self.sentence_from(json_dict)
        if self._takes == "tokens" and isinstance(sentence, str):
            sentence = [token.text for token in WordsTokenizer().tokenize(sentence)]
        elif self._takes == "text" and isinstance(sentence, list):
            sentence = " ".join(sentence)
        return self._dataset_reader.text_to_instance(sentence)

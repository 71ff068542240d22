"""Predictions for one text."""

import inspect

from allennlp.common.util import JsonDict
from allennlp.data import Instance
from allennlp.predictors import Predictor

from attention_vat.data.tokenizers import WordsTokenizer
from attention_vat.predictors.attention_predictor import AttentionPredictor, Text


@Predictor.register("single_sequence_attention")
class SingleSequencePredictor(AttentionPredictor):
    """
    Takes `{"sentence": "a fine film"}`, or `{"sentence": ["a", "fine", "film"]}` for words that are already apart, and
    gives `label`, `probs` (one for each of `labels`), `tokens` and `attention` (one weight for each token).

    Works with the readers `single_sequence`, `text_classification_json` and `sst_tokens`.

    Registered as a `Predictor` with name "single_sequence_attention".

    # Examples

        predictor = Predictor.from_path("model.tar.gz")
        predictor.predict("a fine film")["attention"]
    """

    def predict(self, sentence: Text) -> JsonDict:
        """The prediction for one text."""
        return self.predict_json({"sentence": sentence})

    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        sentence = self.text_from(json_dict, "sentence", '{"sentence": "a fine film"}')
        reader = self._dataset_reader
        # `sst_tokens` takes words, `text_classification_json` a string, `single_sequence` either.
        name = next(iter(inspect.signature(reader.text_to_instance).parameters))
        if name == "tokens" and isinstance(sentence, str):
            sentence = [token.text for token in WordsTokenizer().tokenize(sentence)]
        elif name == "text" and isinstance(sentence, list):
            sentence = " ".join(sentence)
        return reader.text_to_instance(sentence)

"""Predictions of a Transformer for one text or two."""

from typing import Optional

import torch
from allennlp.common.util import JsonDict
from allennlp.data import Instance
from allennlp.predictors import Predictor

from attention_vat.models import TransformerClassifier
from attention_vat.predictors.attention_predictor import AttentionPredictor, Text


@Predictor.register("transformer_text")
class TransformerTextPredictor(AttentionPredictor):
    """
    Takes `{"sentence": "a fine film"}` or `{"premise": "A man sleeps.", "hypothesis": "Somebody is awake."}`, each text
    a string or a list of words, and returns the model's output: `label`, `probs`, `tokens` and `attention`, or `score`.

    Works with the reader `transformer_text`.

    Registered as a `Predictor` with name "transformer_text".

    # Examples

        predictor = Predictor.from_path("model.tar.gz")
        predictor.predict("A man sleeps.", "Somebody is awake.")["label"]
    """

    def predict(self, sentence: Text, hypothesis: Optional[Text] = None) -> JsonDict:
        """The prediction for a text, or for two."""
        if hypothesis is None:
            return self.predict_json({"sentence": sentence})
        return self.predict_json({"premise": sentence, "hypothesis": hypothesis})

    # AllenNLP's saliency interpreters need the word embeddings, and which word pieces form a word.

    def get_interpretable_layer(self) -> torch.nn.Module:
        """The word embeddings inside the Transformer."""
        model = self._model
        if isinstance(model, TransformerClassifier):
            return model.transformer.get_input_embeddings()
        return super().get_interpretable_layer()

    def get_interpretable_text_field_embedder(self) -> torch.nn.Module:
        """The module that receives the words of a batch."""
        model = self._model
        if isinstance(model, TransformerClassifier):
            return model.indexed_words
        return super().get_interpretable_text_field_embedder()

    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        if "premise" not in json_dict:
            return self._dataset_reader.text_to_instance(self.sentence_from(json_dict))
        example = '{"premise": "a man sleeps", "hypothesis": "somebody is awake"}'
        texts = (self.text_from(json_dict, key, example) for key in ("premise", "hypothesis"))
        return self._dataset_reader.text_to_instance(*texts)

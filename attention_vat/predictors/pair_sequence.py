"""Predictions for two texts."""

from typing import List, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.common.util import JsonDict
from allennlp.data import Instance
from allennlp.predictors import Predictor

from attention_vat.data.dataset_readers import PairSequenceReader
from attention_vat.predictors.attention_predictor import AttentionPredictor, Text


@Predictor.register("pair_sequence_attention")
class PairSequencePredictor(AttentionPredictor):
    """
    Takes `{"premise": "A man sleeps.", "hypothesis": "Somebody is awake."}`, both of them strings or lists of words,
    and returns `label`, `probs` (one for each of `labels`), `tokens` (the words of the premise) and `attention` (one
    weight for each of them). With the reader `pair_sequence` it also takes `candidates`, the possible answers.

    Works with the readers `pair_sequence` and `snli`.

    Registered as a `Predictor` with name "pair_sequence_attention".

    # Examples

        predictor = Predictor.from_path("model.tar.gz")
        predictor.predict("A man sleeps.", "Somebody is awake.")["label"]
    """

    def predict(self, premise: Text, hypothesis: Text, candidates: Optional[List[str]] = None) -> JsonDict:
        """The prediction for one pair."""
        inputs = {"premise": premise, "hypothesis": hypothesis}
        return self.predict_json({**inputs, "candidates": candidates} if candidates is not None else inputs)

    def _batch_json_to_instances(self, json_dicts: List[JsonDict]) -> List[Instance]:
        # In a batch, either all have candidates or none; without them, every label may be the answer.
        if any(json_dict.get("candidates") is not None for json_dict in json_dicts):
            every: JsonDict = {"candidates": self._model.labels}
            json_dicts = [
                json_dict if json_dict.get("candidates") is not None else {**json_dict, **every}
                for json_dict in json_dicts
            ]
        return super()._batch_json_to_instances(json_dicts)

    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        example = '{"premise": "a man sleeps", "hypothesis": "somebody is awake"}'
        premise, hypothesis = (self.text_from(json_dict, key, example) for key in ("premise", "hypothesis"))
        candidates = json_dict.get("candidates")
        if isinstance(self._dataset_reader, PairSequenceReader):
            return self._dataset_reader.text_to_instance(premise, hypothesis, candidates=candidates)
        if candidates is not None:
            raise ConfigurationError(
                '"candidates" need the reader pair_sequence, but this model was trained with another; leave them out.'
            )
        # Other readers take strings only.
        texts = (text if isinstance(text, str) else " ".join(text) for text in (premise, hypothesis))
        return self._dataset_reader.text_to_instance(*texts)

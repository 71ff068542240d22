from typing import Dict, List

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import JsonDict
from allennlp.interpret.saliency_interpreters import SaliencyInterpreter
from allennlp.predictors import Predictor

from attention_vat.interpret.texts import inputs_of
from attention_vat.models import AttentionClassifier, CleanPass
from attention_vat.models.attention_classifier import check_finite
from attention_vat.models.words import attended, words_of


@SaliencyInterpreter.register("attention")
class AttentionSaliency(SaliencyInterpreter):
    """
    The attention weight of each word, in the form of AllenNLP's saliency interpreters: `grad_input_1` has a number for
    each token that the model reads of the text under attention (the first one of a pair), 0 for start and end tokens,
    with a sum of 1.

    Registered as a `SaliencyInterpreter` with name "attention".

    # Parameters

    predictor : `Predictor`
        Its model must be one of this package.

    Raises `ConfigurationError` if it is not.

    # Examples

        predictor = Predictor.from_path("model.tar.gz")
        SaliencyInterpreter.by_name("attention")(predictor).saliency_interpret_from_json({"sentence": "a fine film"})
        # {"instance_1": {"grad_input_1": [0.1, 0.8, 0.1]}}
    """

    def __init__(self, predictor: Predictor) -> None:
        super().__init__(predictor)
        model = predictor._model
        if not isinstance(model, AttentionClassifier):
            raise ConfigurationError(f"A {type(model).__name__} has no attention; give a model of attention_vat.")
        self._model = model

    def saliency_interpret_from_json(self, inputs: JsonDict) -> JsonDict:
        """
        # Parameters

        inputs : `JsonDict`
            The predictor's inputs.
        """
        interpreted: Dict[str, Dict[str, List[float]]] = {}
        for number, instance in enumerate(self.predictor.json_to_labeled_instances(inputs), start=1):
            with torch.no_grad():
                clean = self._model.clean_pass(inputs_of(self._model, [instance]))
            saliency = self.saliency(clean).abs()[0]
            check_finite(saliency)
            num_read = int(clean.embedded.mask[0, : len(saliency)].sum())
            attended(words_of(instance, self._model.input_names[0]), num_read, self._model.boundary_tokens, "The text")
            shares = saliency / saliency.sum().clamp(min=torch.finfo(saliency.dtype).tiny)
            # A text without words is padded to one; it stays 0.
            interpreted[f"instance_{number}"] = {"grad_input_1": shares[: max(1, num_read)].tolist()}
        return interpreted

    def saliency(self, clean: CleanPass) -> torch.Tensor:
        """Scores of any sign and scale, 0 where there is no attention. Shape `(batch_size, num_words)`."""
        return self._model.attend(clean.encoded, clean.encoded.scores)

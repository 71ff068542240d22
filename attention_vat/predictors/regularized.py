"""Predictions of a model that was trained with regularizers."""

from typing import Any, cast

from allennlp.data import DatasetReader
from allennlp.models import Model
from allennlp.predictors import Predictor

from attention_vat.models.regularized import Regularized


@Predictor.register("regularized", constructor="of_the_model_inside")
class RegularizedPredictor(Predictor):
    """
    The predictor of the model inside a "regularized" one.

    Registered as a `Predictor` with name "regularized".
    """

    @classmethod
    def of_the_model_inside(cls, model: Model, dataset_reader: DatasetReader, **extra: Any) -> Predictor:
        """
        # Parameters

        model : `Regularized`
        dataset_reader : `DatasetReader`
        """
        inside = cast(Regularized, model).model
        name = inside.default_predictor
        return (Predictor.by_name(name) if name is not None else Predictor)(inside, dataset_reader, **extra)

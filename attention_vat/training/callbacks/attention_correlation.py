"""The correlation of attention with importance, measured while a model trains."""

from typing import TYPE_CHECKING, Any, Dict, List

from allennlp.common.checks import ConfigurationError
from allennlp.data import TensorDict
from allennlp.training.callbacks import TrainerCallback

from attention_vat.interpret.attention_correlation import AttentionCorrelation
from attention_vat.interpret.importance import check_importance, differentiable_pass, importance_of
from attention_vat.models.attention_classifier import AttentionClassifier

if TYPE_CHECKING:
    from allennlp.training import GradientDescentTrainer


@TrainerCallback.register("attention_correlation")
class AttentionCorrelationCallback(TrainerCallback):
    """
    Correlates attention with gradient importance on the validation data after each epoch, for monitoring, early
    stopping and model selection. It adds `attention_pearson` (the mean over sentences) and `attention_undefined` (the
    number of sentences without a correlation) to the validation metrics. Each validation batch is processed a second
    time, with a backward pass to its words.

    Registered as a `TrainerCallback` with name "attention_correlation".

    # Parameters

    measure : `str`, optional (default = `"pearson"`)
        `"pearson"`, `"spearman"` or `"kendall"`; the name of the metric contains it.
    attention, output, method : `str`, optional
        See `gradient_importance`.

    Raises `ConfigurationError` if an option is unknown, or the model is not an `AttentionClassifier`.

    # Examples

        "trainer": {
          "callbacks": ["attention_correlation"],
          "validation_metric": "+attention_pearson"
        }
    """

    def __init__(
        self,
        serialization_dir: str,
        measure: str = "pearson",
        attention: str = "through",
        output: str = "probability",
        method: str = "gradient_x_input",
    ) -> None:
        super().__init__(serialization_dir)
        check_importance(attention, output, method)
        self._importance = {"attention": attention, "output": output, "method": method}
        self._metric = AttentionCorrelation(measure)

    def on_start(self, trainer: "GradientDescentTrainer", is_primary: bool = True, **kwargs: Any) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        if not isinstance(trainer.model, AttentionClassifier):
            raise ConfigurationError(
                f"attention_correlation needs one of attention_vat's models, not {type(trainer.model).__name__}."
            )
        trainer.model.validation_metrics["attention"] = self._metric

    def on_batch(
        self,
        trainer: "GradientDescentTrainer",
        batch_inputs: List[TensorDict],
        batch_outputs: List[Dict[str, Any]],
        *args: Any,
        is_training: bool = True,
        **kwargs: Any,
    ) -> None:
        if is_training:
            return
        model = trainer.model
        for batch, outputs in zip(batch_inputs, batch_outputs):
            importance = importance_of(model, differentiable_pass(model, batch), **self._importance)
            self._metric(outputs["attention"], importance, outputs["mask"])

    def on_end(self, trainer: "GradientDescentTrainer", *args: Any, **kwargs: Any) -> None:
        # Evaluation after training does not compute the correlation.
        trainer.model.validation_metrics.pop("attention", None)

"""Training steps that a GPU replays."""

from typing import TYPE_CHECKING, Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from allennlp.modules import Seq2SeqEncoder
from allennlp.modules.token_embedders import Embedding, TokenEmbedder
from allennlp.training.callbacks import TrainerCallback

from attention_vat.models import PairSequenceAttention, SingleSequenceAttention, TransformerClassifier
from attention_vat.nn.recurrent import is_recurrent
from attention_vat.regularizers import PerturbationRegularizer, Regularizer
from attention_vat.training.recorded_forward import RecordedForward

if TYPE_CHECKING:
    from allennlp.training import GradientDescentTrainer


@TrainerCallback.register("cuda_graphs")
class CudaGraphs(TrainerCallback):
    """
    Makes training on a GPU several times faster if texts are short or batches small. Such a step mostly launches
    hundreds of small operations one by one. This callback records the operations of each batch shape once, as a CUDA
    graph, and replays them with a single call. Texts are padded to a multiple of 8 words, so that few shapes occur.

    Losses and gradients are the same up to rounding, random numbers are drawn as before, and metrics count each batch.
    Without a GPU the callback does nothing, so a configuration with it also works on a CPU.

    Works with

    - `single_sequence_attention` and `pair_sequence_attention` over an `lstm`, `gru` or `rnn` and embeddings of whole
      words: plain, with the techniques on attention scores, and with those on word embeddings if there is no dropout,
    - `transformer_classifier`: plain, with `r_drop` and with `adversarial_self_attention`, if they do not replay
      dropout.

    All recordings share the memory of the largest one.

    Registered as a `TrainerCallback` with name "cuda_graphs".

    # Parameters

    max_shapes : `int`, optional (default = `64`)
        The number of batch shapes to record. Batches of further shapes are computed as usual.

    Raises `ConfigurationError` if a part of the model cannot be recorded, in distributed training, and with
    `num_gradient_accumulation_steps` above 1.

    # Examples

        "trainer": {"cuda_device": 0, "callbacks": [{"type": "cuda_graphs"}]}
    """

    def __init__(self, serialization_dir: str, max_shapes: int = 64) -> None:
        super().__init__(serialization_dir)
        if max_shapes < 1:
            raise ConfigurationError(f"cuda_graphs: max_shapes is {max_shapes}, but must be at least 1.")
        self._max_shapes = max_shapes

    def on_start(self, trainer: "GradientDescentTrainer", is_primary: bool = True, **kwargs: Any) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        obstacle = obstacle_to_recording(trainer.model)
        if trainer._distributed:
            obstacle = "distributed training cannot"
        if trainer._num_gradient_accumulation_steps > 1:
            obstacle = "num_gradient_accumulation_steps above 1 cannot"
        if obstacle is not None:
            raise ConfigurationError(f"cuda_graphs: {obstacle} be recorded; remove this callback.")
        if next(trainer.model.parameters()).device.type == "cuda":
            trainer.model.forward = RecordedForward(trainer.model, max_shapes=self._max_shapes)

    def on_end(self, trainer: "GradientDescentTrainer", *args: Any, **kwargs: Any) -> None:
        vars(trainer.model).pop("forward", None)


def _named(regularizer: Regularizer) -> str:
    return repr(regularizer) if isinstance(regularizer, PerturbationRegularizer) else type(regularizer).__name__


def obstacle_to_recording(model: Model) -> Optional[str]:
    """Names a part of the model whose operations vary between batches of a shape or wait for the GPU, and "cannot"."""
    if not isinstance(model, (SingleSequenceAttention, PairSequenceAttention, TransformerClassifier)):
        return f"a model of type {type(model).__name__} cannot"
    for module in [] if isinstance(model, TransformerClassifier) else model.modules():
        if isinstance(module, Seq2SeqEncoder) and not is_recurrent(module):
            return f"the encoder {type(module).__name__} cannot"
        if isinstance(module, TokenEmbedder) and type(module) is not Embedding:
            return f"the token embedder {type(module).__name__} cannot"
    for regularizer in model.regularizers:
        if not regularizer.recordable:
            return f"the regularizer {_named(regularizer)} cannot"
        if regularizer.replays_encoder and not model.encodes_without_dropout:
            return f"the dropout of the model, which {_named(regularizer)} draws a second time, cannot"
    return None

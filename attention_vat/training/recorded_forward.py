"""The forward and backward pass of a training step as CUDA graphs."""

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Optional, Tuple

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.nn.batches import padded
from attention_vat.nn.recurrent import without_waiting

if TYPE_CHECKING:
    from attention_vat.models import AttentionClassifier

Fields = Dict[str, Any]
Run = Callable[[Fields], Dict[str, Any]]

# Texts are padded to a multiple of this number of words, so that few batch shapes occur.
MULTIPLE = 8


class RecordedForward:
    """
    Replaces the `forward` of a model while training on a GPU. The operations of each batch shape are recorded once, as
    a CUDA graph; further batches of that shape replay them on their numbers with a single call. On short texts a step
    spends most of its time launching operations, so this makes it several times faster. The first batch of each shape
    is computed as usual.

    A replay must write its results to fixed tensors: metrics and means count in place.

    # Parameters

    model : `AttentionClassifier`
        A model that can be recorded; see `attention_vat.training.callbacks.cuda_graphs.obstacle_to_recording`.
    recorder : `CudaRecorder`, optional (default = a new one)
        Records the steps.
    max_shapes : `int`, optional (default = `64`)
        The number of batch shapes to record. Batches of further shapes are computed as usual.
    """

    def __init__(
        self,
        model: "AttentionClassifier",
        recorder: Optional["CudaRecorder"] = None,
        max_shapes: int = 64,
    ) -> None:
        self._model = model
        self._forward = type(model).forward
        self._parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self._recorder = recorder or CudaRecorder()
        self._max_shapes = max_shapes
        # Recorded steps by shape; `None` after the first batch of a shape.
        self._steps: Dict[Any, Any] = {}

    @property
    def num_recorded(self) -> int:
        """The number of shapes recorded so far."""
        return sum(step is not None for step in self._steps.values())

    def __call__(self, **batch: Any) -> Dict[str, Any]:
        model = self._model
        if not model.training or batch.get("label") is None:
            return self._forward(model, **batch)
        metadata = batch.pop("metadata", None)
        fields: Fields = {"labeled": batch, "unlabeled": model.next_unlabeled()}
        fields = _with_common_sizes(fields, model.input_names)
        shape = (_shapes(fields), model.regularization_scale, torch.is_autocast_enabled())
        step = self._step(shape, fields)
        # The gradient accumulators of parameters belong to the stream that created them; recordings need theirs.
        with self._recorder.on_its_stream():
            if step is None:
                output = self._run(fields)
            else:
                step.take(fields)
                output = {**step.output, "loss": _Replay.apply(step, *self._parameters)}
        output["metadata"] = metadata
        return output

    def _step(self, shape: Any, fields: Fields) -> Any:
        """Returns the recorded step for a shape, which the second batch of the shape records; `None` before."""
        if shape not in self._steps:
            if len(self._steps) < self._max_shapes:
                self._steps[shape] = None
        elif self._steps[shape] is None:
            self._steps[shape] = self._recorder.record(self._run, fields, self._parameters)
        return self._steps.get(shape)

    def _run(self, fields: Fields) -> Dict[str, Any]:
        with without_waiting(), _unlabeled(self._model, fields["unlabeled"]):
            return self._forward(self._model, **fields["labeled"])


class CudaRecorder:
    """Records steps on one stream, in shared memory: no two are replayed at the same time."""

    def __init__(self) -> None:
        self.stream = torch.cuda.Stream()
        self.pool = torch.cuda.graph_pool_handle()
        self.gradients: List[torch.Tensor] = []

    @contextmanager
    def on_its_stream(self) -> Iterator[None]:
        """
        A block whose operations use the stream of the recordings. The first step of a shape needs it too: cuDNN
        initializes itself once for each stream, which cannot be recorded.
        """
        before = torch.cuda.current_stream()
        self.stream.wait_stream(before)
        with torch.cuda.stream(self.stream):
            yield
        before.wait_stream(self.stream)

    def record(self, run: Run, fields: Fields, parameters: List[torch.nn.Parameter]) -> "CudaStep":
        """
        Records the step for the shapes of some fields.

        # Parameters

        run : `Callable`
            Maps fields to the output of a model with a `loss`.
        fields : `Dict[str, Any]`
            A batch with the shapes of this step.
        parameters : `List[torch.nn.Parameter]`
            The parameters that have gradients.

        Raises `ConfigurationError` if an operation cannot be recorded. After that error, random numbers can no longer
        be drawn on the device.
        """
        if not self.gradients:
            self.gradients = [torch.zeros_like(parameter) for parameter in parameters]
        # Garbage collection of an older recording would break this one.
        gc.collect()
        gc.disable()
        try:
            return CudaStep(run, fields, parameters, self)
        except RuntimeError as error:
            # Exiting a failed recording raises a second, less informative error.
            reason = str(error.__context__ or error).split("\n")[0]
            raise ConfigurationError(
                f"cuda_graphs: an operation of this model cannot be recorded ({reason}); remove this callback."
            ) from error
        finally:
            gc.enable()


class CudaStep:
    """A recorded step; see `CudaRecorder.record`. Each replay overwrites the `gradients` of the recorder."""

    def __init__(self, run: Run, fields: Fields, parameters: List[torch.nn.Parameter], recorder: CudaRecorder) -> None:
        self._fields = _map(torch.clone, fields)
        self._forward, self._backward = torch.cuda.CUDAGraph(), torch.cuda.CUDAGraph()
        # Autocast's cache would freeze the half-precision weights of this step.
        precision = {"enabled": torch.is_autocast_enabled(), "dtype": torch.get_autocast_gpu_dtype()}
        where = {"pool": recorder.pool, "stream": recorder.stream}
        with torch.cuda.graph(self._forward, **where), torch.autocast("cuda", cache_enabled=False, **precision):
            output = run(self._fields)
        loss = output["loss"]
        self._factor = torch.ones_like(loss)
        with torch.cuda.graph(self._backward, **where), torch.autocast("cuda", enabled=False):
            computed = torch.autograd.grad(loss, parameters, self._factor, allow_unused=True)
            for place, gradient in zip(recorder.gradients, computed):
                if gradient is not None:
                    place.copy_(gradient)
        self._gradients = [None if new is None else place for place, new in zip(recorder.gradients, computed)]
        self.output = {name: part.detach() for name, part in output.items() if isinstance(part, torch.Tensor)}

    def take(self, fields: Fields) -> None:
        """Copies a batch into the inputs of the recording."""
        _copy(fields, self._fields)

    def forward(self) -> torch.Tensor:
        """Replays the forward pass and returns the loss, shape `()`."""
        self._forward.replay()
        return self.output["loss"].clone()

    def backward(self, factor: torch.Tensor) -> List[Optional[torch.Tensor]]:
        """Replays the backward pass and returns the gradients, in the shapes of the parameters."""
        self._factor.copy_(factor)
        self._backward.replay()
        # New tensor objects, which the parameters use as their gradients without a copy.
        return [None if gradient is None else gradient.detach() for gradient in self._gradients]


class _Replay(torch.autograd.Function):
    """The loss of a recorded step as a function of the parameters."""

    @staticmethod
    def forward(ctx: Any, step: Any, *parameters: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        ctx.step = step
        return step.forward()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, factor: torch.Tensor) -> Tuple[Any, ...]:  # type: ignore[override]
        return (None, *ctx.step.backward(factor))


@contextmanager
def _unlabeled(model: "AttentionClassifier", fields: Optional[Fields]) -> Iterator[None]:
    """A block in which these are the next unlabelled texts of the model."""
    stream = model.unlabeled_batches
    model.unlabeled_batches = None if fields is None else iter([fields])
    try:
        yield
    finally:
        model.unlabeled_batches = stream


def _with_common_sizes(fields: Fields, names: Tuple[str, ...]) -> Fields:
    """Pads the texts of each field to the same length in both batches, a multiple of `MULTIPLE` words."""
    batches = {name: dict(batch) for name, batch in fields.items() if batch is not None}
    for name in names:
        texts = [batch[name] for batch in batches.values() if isinstance(batch.get(name), dict)]
        if texts:
            widened = _widened(texts)
            for batch in batches.values():
                if isinstance(batch.get(name), dict):
                    batch[name] = widened.pop(0)
    return {**dict.fromkeys(fields), **batches}


def _widened(texts: List[Any]) -> List[Any]:
    """Pads tensors of shape `(batch_size, num_words, ...)`, or dictionaries of them, to the same number of words."""
    if isinstance(texts[0], dict):
        parts = {name: _widened([text[name] for text in texts]) for name in texts[0]}
        return [{name: part[number] for name, part in parts.items()} for number in range(len(texts))]
    longest = max(tensor.size(1) for tensor in texts)
    size = -(-longest // MULTIPLE) * MULTIPLE
    return [padded(tensor, [size, *tensor.shape[2:]]) for tensor in texts]


def _map(function: Callable[[torch.Tensor], torch.Tensor], fields: Any) -> Any:
    if isinstance(fields, dict):
        return {name: _map(function, field) for name, field in fields.items()}
    return function(fields) if isinstance(fields, torch.Tensor) else fields


def _tensors(fields: Any) -> List[torch.Tensor]:
    if isinstance(fields, dict):
        return [tensor for field in fields.values() for tensor in _tensors(field)]
    return [fields] if isinstance(fields, torch.Tensor) else []


def _copy(source: Any, target: Any) -> None:
    for new, place in zip(_tensors(source), _tensors(target)):
        place.copy_(new, non_blocking=True)


def _shapes(fields: Any) -> Any:
    if isinstance(fields, dict):
        return tuple((name, _shapes(field)) for name, field in fields.items())
    return (fields.shape, fields.dtype) if isinstance(fields, torch.Tensor) else fields

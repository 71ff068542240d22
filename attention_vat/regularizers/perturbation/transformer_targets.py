"""Targets inside a Transformer: the scores of its self-attention, and its word embeddings."""

from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, ContextManager, Iterator, List, Optional, Sequence, Tuple

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.modules.transformer_attention import EncoderCall, TransformerAttention
from attention_vat.regularizers.perturbation.target import Target

if TYPE_CHECKING:
    from attention_vat.models.regularizable import AnyPass, RegularizableModel


class TransformerTarget(Target):
    """
    A perturbation inside a Transformer. The whole model runs again, with the dropout of the clean pass. The
    perturbation of a text is one row, however many encoder rows the text takes (alternatives, segments of a long text)
    and however often the encoder runs (two texts).
    """

    replays_model = True

    def attach(self, model: "RegularizableModel") -> None:
        self.observes = TransformerAttention.of(model)

    @property
    def attention(self) -> TransformerAttention:
        if self.observes is None:
            raise ConfigurationError("The model must call attach_regularizers at the end of __init__.")
        return self.observes

    def calls(self, clean: "AnyPass") -> List[EncoderCall]:
        """
        The calls of the clean pass.

        Raises `ConfigurationError` if the model was not in training mode.
        """
        if clean.encoder_calls is None:
            raise ConfigurationError(f"target '{self.name}' needs a clean pass of a model in training mode.")
        return clean.encoder_calls

    def frozen(self, clean: Any) -> Any:
        return clean._replace(logits=clean.logits.detach())

    def shape_of(self, call: EncoderCall) -> Tuple[int, ...]:
        """The shape of the perturbation of one row of a call; rows and calls are joined along its first dimension."""
        raise NotImplementedError

    def entered(self, calls: Sequence[EncoderCall], parts: Sequence[torch.Tensor]) -> ContextManager[None]:
        """Adds `parts` inside its context; each has the shape `(num_rows, *shape_of(call))`."""
        raise NotImplementedError

    def logits(self, model: Any, clean: Any, perturbation: torch.Tensor) -> torch.Tensor:
        calls = self.calls(clean)
        replayed = clean.start.replayed() if clean.start is not None else nullcontext()
        with replayed, self.entered(calls, list(self._split(calls, perturbation))):
            return model.again(clean)

    def _split(self, calls: Sequence[EncoderCall], perturbation: torch.Tensor) -> Iterator[torch.Tensor]:
        start = 0
        for call in calls:
            rows, shape = len(call.real), self.shape_of(call)
            # The length of this call in the second dimension of the perturbation.
            size = rows // len(perturbation) * shape[0]
            yield perturbation[:, start : start + size].reshape(rows, *shape)
            start += size

    @staticmethod
    def _zeros(clean: "AnyPass", size: Sequence[int]) -> torch.Tensor:
        dtype = torch.promote_types(clean.logits.dtype, torch.float32)
        return torch.zeros(*size, dtype=dtype, device=clean.logits.device)


@Target.register("self_attention")
class SelfAttentionTarget(TransformerTarget):
    """
    The attention scores in each layer of a Transformer, before the softmax: `softmax(query keyᵀ / √d + r)`. One norm
    covers all cells of a text, real query by real key in each chosen layer, so ε is on another scale than for the
    target "attention". It takes `num_layers × num_tokens²` numbers for each text, and `num_heads` times as many with
    `per_head`.

    Registered as a `Target` with name "self_attention".

    # Parameters

    layers : `List[int]`, optional (default = all layers)
        The layers to perturb, from 0; -1 is the last one.
    per_head : `bool`, optional (default = `False`)
        Whether each attention head has a perturbation of its own.
    """

    name = "self_attention"

    def __init__(self, layers: Optional[List[int]] = None, per_head: bool = False) -> None:
        self.layers = layers
        self.per_head = per_head
        self._chosen: List[int] = []

    def attach(self, model: "RegularizableModel") -> None:
        super().attach(model)
        self._chosen = self.attention.choose(self.layers)

    def _heads_of(self, encoder: int) -> List[Tuple[int, int]]:
        """The chosen layers of an encoder, and how many perturbations each has."""
        firsts = [*self.attention.first_layers, self.attention.num_layers]
        heads = self.attention.num_heads
        return [
            (layer, heads[layer] if self.per_head else 1)
            for layer in self._chosen
            if firsts[encoder] <= layer < firsts[encoder + 1]
        ]

    def shape_of(self, call: EncoderCall) -> Tuple[int, ...]:
        num_tokens = call.real.size(1)
        return (sum(heads for _, heads in self._heads_of(call.encoder)) * num_tokens * num_tokens,)

    def point(self, clean: Any) -> torch.Tensor:
        """Zeros, one for each score of a text. Shape `(batch_size, num_cells)`."""
        return self._zeros(clean, self.mask(clean).shape)

    def mask(self, clean: Any) -> Any:
        parts = []
        for call in self.calls(clean):
            # (num_rows, 1, num_tokens, num_tokens)
            cells = (call.real.unsqueeze(2) & call.real.unsqueeze(1)).unsqueeze(1)
            size = sum(heads for _, heads in self._heads_of(call.encoder))
            parts.append(cells.expand(-1, size, -1, -1).reshape(len(clean.logits), -1))
        return torch.cat(parts, dim=1)

    def entered(self, calls: Sequence[EncoderCall], parts: Sequence[torch.Tensor]) -> ContextManager[None]:
        remaining = iter(zip(calls, parts))
        added: List[Optional[torch.Tensor]] = [None] * self.attention.num_layers

        def bias(layer: int, hidden: torch.Tensor, mask: torch.Tensor) -> Optional[torch.Tensor]:
            if layer in self.attention.first_layers:
                call, part = next(remaining)
                num_tokens, start = hidden.size(1), 0
                for chosen, heads in self._heads_of(call.encoder):
                    size = heads * num_tokens * num_tokens
                    added[chosen] = part[:, start : start + size].view(-1, heads, num_tokens, num_tokens)
                    start += size
            this = added[layer]
            return None if this is None else mask + this

        return self.attention.biased(bias)


@Target.register("input_embeddings")
class InputEmbeddingsTarget(TransformerTarget):
    """
    The word embeddings of real tokens inside a Transformer, before positions and normalization, shape
    `(batch_size, num_tokens, embedding_dim)`. (The target "word" perturbs the output of the Transformer.)

    Registered as a `Target` with name "input_embeddings".
    """

    name = "input_embeddings"

    def attach(self, model: "RegularizableModel") -> None:
        super().attach(model)
        if len({embeddings.weight.size(1) for embeddings in self.attention.input_embeddings}) > 1:
            raise ConfigurationError("target 'input_embeddings': the encoders have embeddings of different sizes.")

    def shape_of(self, call: EncoderCall) -> Tuple[int, ...]:
        return (call.real.size(1), self.attention.input_embeddings[call.encoder].weight.size(1))

    def point(self, clean: Any) -> torch.Tensor:
        """Zeros in the shape of all embeddings of a text."""
        return self._zeros(clean, (*self.mask(clean).shape[:2], self.attention.input_embeddings[0].weight.size(1)))

    def mask(self, clean: Any) -> Any:
        parts = [call.real.reshape(len(clean.logits), -1) for call in self.calls(clean)]
        return torch.cat(parts, dim=1).unsqueeze(-1)

    @contextmanager
    def entered(self, calls: Sequence[EncoderCall], parts: Sequence[torch.Tensor]) -> Iterator[None]:
        remaining = iter(parts)

        def add(module: torch.nn.Module, arguments: Tuple[Any, ...], words: torch.Tensor) -> torch.Tensor:
            return words + next(remaining).to(words.dtype)

        with ExitStack() as stack:
            for embeddings in self.attention.input_embeddings:
                stack.callback(embeddings.register_forward_hook(add).remove)
            yield

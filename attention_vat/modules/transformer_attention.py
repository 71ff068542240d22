"""Temporary access to the self-attention of Hugging Face encoders."""

import inspect
import math
from contextlib import ExitStack, contextmanager
from typing import Any, Callable, ContextManager, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.modules.token_embedders import PretrainedTransformerEmbedder

SUPPORTED = "BERT, RoBERTa, XLM-RoBERTa, CamemBERT, ELECTRA, ALBERT, DistilBERT and DeBERTa"

# Modules that a self-attention may contain if it is nothing but a softmax over scores.
PLAIN_PARTS = (torch.nn.Linear, torch.nn.Dropout, torch.nn.Embedding, torch.nn.LayerNorm)


class AttentionBias(NamedTuple):
    """
    The replacement for the mask of one self-attention.

    # Parameters

    bias : `torch.Tensor`
        Added to the attention scores. Shape `(num_rows, 1 or num_heads, num_tokens, num_tokens)`.
    scored_rows : `torch.Tensor`, optional
        0 for the query rows whose scores are replaced by 0 before `bias` is added, 1 for all others. Shape
        `(num_rows, num_tokens)`.
    """

    bias: torch.Tensor
    scored_rows: Optional[torch.Tensor] = None


class EncoderCall(NamedTuple):
    """
    One run of an encoder.

    # Parameters

    encoder : `int`
        Its position in `TransformerAttention.encoders`.
    real : `torch.Tensor`
        True at its real tokens, shape `(num_rows, num_tokens)`.
    ids : `torch.Tensor`
        The rows of its input embeddings, shape `(num_rows, num_tokens)`.
    """

    encoder: int
    real: torch.Tensor
    ids: torch.Tensor


Bias = Union[None, torch.Tensor, AttentionBias]
BiasFunction = Callable[[int, torch.Tensor, torch.Tensor], Bias]


class TransformerAttention:
    """
    The self-attention layers of one or several Hugging Face encoders. Within `biased` each layer passes its input to a
    function and adds what it returns to the attention scores:

        scores = query keyᵀ / √d + bias(layer, hidden, mask)

    No part of the encoder is replaced or copied. Hooks exist only while the context manager is open and leave no trace,
    even after an exception, so the model can be pickled and saved at any other time. Layers are numbered consecutively
    across encoders. ALBERT runs one module for all layers; there each call is a layer.

    BERT-like encoders (also XLM-RoBERTa, CamemBERT, ELECTRA, ALBERT) get a forward hook on the module that takes hidden
    states and an additive mask. DistilBERT and DeBERTa have boolean masks: during a pass, methods of their attention
    modules are wrapped on the instance.

    # Parameters

    encoders : `torch.nn.Module`
        Modules such as `PretrainedTransformerEmbedder.transformer_model`. Every call of an encoder must run through its
        module.

    Raises `ConfigurationError` for an encoder with another kind of self-attention, and for one that recomputes layers
    in the backward pass (gradient checkpointing), which would run without the bias.

    # Examples

        attention = TransformerAttention(BertModel(config))
        with attention.biased(lambda layer, hidden, mask: mask if layer else mask - 1e4 * closed):
            output = encoder(token_ids, mask)
    """

    def __init__(self, *encoders: torch.nn.Module) -> None:
        self.encoders = encoders
        self._layers: List[List["_Layer"]] = [_layers_of(encoder) for encoder in encoders]
        self._calls = [_calls_of(encoder, layers) for encoder, layers in zip(encoders, self._layers)]
        self.num_layers = sum(self._calls)
        self._refuse_checkpointing()

    @classmethod
    def of(cls, model: torch.nn.Module) -> "TransformerAttention":
        """
        The self-attention of every `PretrainedTransformerEmbedder` in an AllenNLP model. Raises `ConfigurationError` if
        there is none.
        """
        embedders = embedders_of(model)
        attention = cls(*(embedder.transformer_model for embedder in embedders))
        attention.folds_texts = any(embedder._max_length is not None for embedder in embedders)
        return attention

    folds_texts = False
    """Whether a text may take several rows of the encoder, because the embedder has a `max_length`."""

    @property
    def input_embeddings(self) -> List[torch.nn.Embedding]:
        """The word embeddings of each encoder."""
        encoders: List[Any] = list(self.encoders)
        return [encoder.get_input_embeddings() for encoder in encoders]

    @property
    def first_layers(self) -> List[int]:
        """The number of the first layer of each encoder."""
        return [sum(self._calls[:index]) for index in range(len(self._calls))]

    @property
    def hidden_sizes(self) -> List[int]:
        """The size of the hidden states that each layer reads."""
        return [layer.hidden_size for layer in self._each_layer()]

    @property
    def num_heads(self) -> List[int]:
        """The number of attention heads of each layer."""
        return [layer.num_heads for layer in self._each_layer()]

    @property
    def replaces_mask(self) -> bool:
        """
        Whether the bias replaces the padding mask, so that padding can be attended to. With boolean masks (DistilBERT,
        DeBERTa) padding remains masked.
        """
        return all(layer.replaces_mask for layers in self._layers for layer in layers)

    def _each_layer(self) -> List["_Layer"]:
        """The module that each layer runs."""
        return [layers[call % len(layers)] for layers, calls in zip(self._layers, self._calls) for call in range(calls)]

    def choose(self, layers: Optional[Sequence[int]]) -> List[int]:
        """
        The chosen layers in ascending order. Negative numbers count from the end, -1 is the last layer; `None` chooses
        all.

        Raises `ConfigurationError` for a layer that does not exist or is named twice, and for an empty list.
        """
        if layers is None:
            return list(range(self.num_layers))
        for layer in layers:
            if not -self.num_layers <= layer < self.num_layers:
                raise ConfigurationError(
                    f"layers: layer {layer} does not exist; the encoder has {self.num_layers} layers: 0 to "
                    f"{self.num_layers - 1}, or -{self.num_layers} to -1 from the top."
                )
        chosen = sorted(layer % self.num_layers for layer in layers)
        if not chosen or len(set(chosen)) < len(chosen):
            raise ConfigurationError(f"layers is {list(layers)}, but must name at least one layer and none twice.")
        return chosen

    @contextmanager
    def biased(self, bias: BiasFunction) -> Iterator[None]:
        """
        Makes every self-attention call `bias` inside its context.

        # Parameters

        bias : `Callable[[int, torch.Tensor, torch.Tensor], Bias]`
            Called with the number of the layer, the hidden states that it reads, shape
            `(num_rows, num_tokens, hidden_size)`, and its own additive mask, shape `(num_rows, 1, 1, num_tokens)`: 0 at
            real tokens, a large negative number at padding. Returns a replacement for the mask, an `AttentionBias`, or
            `None` to leave the layer unchanged.
        """
        self._refuse_checkpointing()
        with ExitStack() as stack:
            first = 0
            for layers, calls in zip(self._layers, self._calls):
                number = _LayerNumbers(first, calls, len(layers))
                for position, layer in enumerate(layers):
                    stack.enter_context(layer.entered(_numbered(bias, number, position)))
                first += calls
            yield

    @contextmanager
    def observed(self) -> Iterator[List[EncoderCall]]:
        """Gives a list that gets an element for each call of an encoder inside the context."""
        calls: List[EncoderCall] = []
        ids: List[torch.Tensor] = []

        def read(module: torch.nn.Module, arguments: Tuple[torch.Tensor, ...]) -> None:
            ids.append(arguments[0])

        def look(layer: int, hidden: torch.Tensor, mask: torch.Tensor) -> None:
            if layer in self.first_layers:
                real = real_keys(mask).expand(hidden.size(0), hidden.size(1))
                calls.append(EncoderCall(self.first_layers.index(layer), real, ids.pop()))

        with ExitStack() as stack:
            for embeddings in self.input_embeddings:
                stack.callback(embeddings.register_forward_pre_hook(read).remove)
            stack.enter_context(self.biased(look))
            yield calls

    def _refuse_checkpointing(self) -> None:
        for encoder in self.encoders:
            if any(getattr(module, "gradient_checkpointing", False) for module in encoder.modules()):
                raise ConfigurationError(
                    f"{type(encoder).__name__} uses gradient checkpointing, which would run its layers in the backward "
                    "pass without the bias on their attention; switch it off with gradient_checkpointing_disable()."
                )


def embedders_of(model: torch.nn.Module) -> List[Any]:
    """
    The `PretrainedTransformerEmbedder`s of a model, one for each encoder: a model with two text fields may use an
    encoder twice. Raises `ConfigurationError` if there is none.
    """
    embedders = [module for module in model.modules() if isinstance(module, PretrainedTransformerEmbedder)]
    if not embedders:
        raise ConfigurationError(
            f"{type(model).__name__} has no token embedder of type 'pretrained_transformer' or "
            "'pretrained_transformer_mismatched', so there is no self-attention to perturb."
        )
    return list({id(embedder.transformer_model): embedder for embedder in embedders}.values())


def real_keys(mask: torch.Tensor) -> torch.Tensor:
    """True where an additive mask `(num_rows, 1, 1, num_tokens)` allows attention, shape `(num_rows, num_tokens)`."""
    return mask[:, 0, -1] > -1.0


class _LayerNumbers:
    """Numbers the layers that modules run as: by position, or by call if modules run several times."""

    def __init__(self, first: int, num_calls: int, num_modules: int) -> None:
        self._first, self._num_calls = first, num_calls
        self._counts = num_calls > num_modules
        self._calls = 0

    def __call__(self, position: int) -> int:
        if not self._counts:
            return self._first + position
        self._calls += 1
        return self._first + (self._calls - 1) % self._num_calls


def _numbered(
    bias: BiasFunction, number: _LayerNumbers, position: int
) -> Callable[[torch.Tensor, torch.Tensor], Optional[AttentionBias]]:
    def of_this_layer(hidden: torch.Tensor, mask: torch.Tensor) -> Optional[AttentionBias]:
        result = bias(number(position), hidden, mask)
        return AttentionBias(result) if isinstance(result, torch.Tensor) else result

    return of_this_layer


LayerBias = Callable[[torch.Tensor, torch.Tensor], Optional[AttentionBias]]


class _Layer:
    """One self-attention module, and how to add a bias to it."""

    replaces_mask = False

    def __init__(self, module: torch.nn.Module) -> None:
        self.module: Any = module

    @property
    def hidden_size(self) -> int:
        raise NotImplementedError

    @property
    def num_heads(self) -> int:
        return self.module.num_attention_heads

    def entered(self, bias: LayerBias) -> ContextManager[None]:
        """Makes the module call `bias` inside its context."""
        raise NotImplementedError


class _AdditiveMaskLayer(_Layer):
    """`forward(hidden_states, attention_mask, …)` with an additive mask, called by position: BERT and its relatives."""

    replaces_mask = True

    @staticmethod
    def fits(module: torch.nn.Module) -> bool:
        return (
            _parameters_of(module)[:2] == ["hidden_states", "attention_mask"]
            and all(isinstance(getattr(module, name, None), torch.nn.Linear) for name in ("query", "key", "value"))
            and all(isinstance(part, PLAIN_PARTS) for part in module.children())
            and not getattr(module, "is_decoder", False)
            and _adds_its_mask(module)
        )

    @property
    def hidden_size(self) -> int:
        return self.module.query.in_features

    @contextmanager
    def entered(self, bias: LayerBias) -> Iterator[None]:
        scored_rows: List[Optional[torch.Tensor]] = []

        def exchange(module: torch.nn.Module, arguments: Tuple[Any, ...]) -> Tuple[Any, ...]:
            if len(arguments) < 2:
                raise ConfigurationError(
                    f"{type(module).__name__} does not get its mask by position in this version of transformers."
                )
            hidden, mask, *others = arguments
            result = bias(hidden, _no_mask(hidden) if mask is None else mask)
            scored_rows[:] = [None if result is None else result.scored_rows]
            return arguments if result is None else (hidden, result.bias, *others)

        def silence(module: torch.nn.Module, arguments: Tuple[Any, ...], query: torch.Tensor) -> torch.Tensor:
            (rows,) = scored_rows
            return query if rows is None else query * rows.to(query.dtype).unsqueeze(-1)

        handles = [
            self.module.register_forward_pre_hook(exchange),
            self.module.query.register_forward_hook(silence),
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()


class _DistilBertLayer(_Layer):
    """`forward(query, key, value, mask, …)` with a mask of ones and zeros, called by keyword: DistilBERT."""

    @staticmethod
    def fits(module: torch.nn.Module) -> bool:
        return (
            _parameters_of(module)[:4] == ["query", "key", "value", "mask"]
            and all(hasattr(module, name) for name in ("q_lin", "k_lin", "v_lin", "out_lin", "dropout", "n_heads"))
            and all(isinstance(part, PLAIN_PARTS) for part in module.children())
        )

    @property
    def hidden_size(self) -> int:
        return self.module.q_lin.in_features

    @property
    def num_heads(self) -> int:
        return self.module.n_heads

    @contextmanager
    def entered(self, bias: LayerBias) -> Iterator[None]:
        module, plain = self.module, self.module.forward

        def heads(values: torch.Tensor) -> torch.Tensor:
            return values.unflatten(-1, (module.n_heads, -1)).transpose(1, 2)

        def forward(
            query: torch.Tensor,
            key: torch.Tensor,
            value: torch.Tensor,
            mask: torch.Tensor,
            head_mask: Optional[torch.Tensor] = None,
            output_attentions: bool = False,
        ) -> Tuple[torch.Tensor, ...]:
            # (num_rows, 1, 1, num_tokens)
            additive = _additive(mask.view(mask.size(0), 1, 1, -1) != 0, query.dtype)
            result = bias(query, additive)
            if result is None:
                return plain(query, key, value, mask, head_mask, output_attentions)
            q, k, v = heads(module.q_lin(query)), heads(module.k_lin(key)), heads(module.v_lin(value))
            # (num_rows, num_heads, num_tokens, num_tokens)
            scores = torch.matmul(q / math.sqrt(q.size(-1)), k.transpose(2, 3))
            scores = (scores + result.bias).masked_fill(additive < -1.0, torch.finfo(scores.dtype).min)
            weights = module.dropout(torch.softmax(scores, dim=-1))
            if head_mask is not None:
                weights = weights * head_mask
            context = module.out_lin(torch.matmul(weights.to(v.dtype), v).transpose(1, 2).flatten(2))
            return (context, weights) if output_attentions else (context,)

        with _replaced(module, "forward", forward):
            yield


class _DisentangledLayer(_Layer):
    """
    `forward(hidden_states, attention_mask, …)` with a boolean mask and a separate method that adds a position bias to
    the scores: DeBERTa. The new bias is added along with that one, before the softmax.
    """

    METHODS = ("disentangled_att_bias", "disentangled_attention_bias")

    @classmethod
    def fits(cls, module: torch.nn.Module) -> bool:
        return (
            _parameters_of(module)[:2] == ["hidden_states", "attention_mask"]
            and any(hasattr(module, method) for method in cls.METHODS)
            and bool(getattr(module, "relative_attention", False))
            # Mixing heads after the bias would spread what is meant for one of them.
            and not getattr(module, "talking_head", False)
        )

    @property
    def hidden_size(self) -> int:
        first: Any = getattr(self.module, "in_proj", None) or self.module.query_proj
        return first.in_features

    @contextmanager
    def entered(self, bias: LayerBias) -> Iterator[None]:
        results: List[Optional[AttentionBias]] = []
        (method,) = [name for name in self.METHODS if hasattr(self.module, name)]
        plain = getattr(self.module, method)

        def look(module: torch.nn.Module, arguments: Tuple[Any, ...]) -> None:
            hidden, mask = arguments[:2]
            # The diagonal of query by key tells which tokens are real. (num_rows, 1, 1, num_tokens)
            real = mask.bool().diagonal(dim1=-2, dim2=-1).reshape(hidden.size(0), 1, 1, -1)
            results[:] = [bias(hidden, _additive(real, hidden.dtype))]

        def positions(*arguments: Any, **keywords: Any) -> torch.Tensor:
            scores = plain(*arguments, **keywords)
            (result,) = results
            if result is None:
                return scores
            rows, _, queries, keys = result.bias.shape
            added = result.bias.expand(rows, self.num_heads, queries, keys)
            return scores + (added.reshape(-1, queries, keys) if arguments[0].dim() == 3 else added)

        handle = self.module.register_forward_pre_hook(look)
        try:
            with _replaced(self.module, method, positions):
                yield
        finally:
            handle.remove()


KINDS = (_AdditiveMaskLayer, _DistilBertLayer, _DisentangledLayer)


def _layers_of(encoder: torch.nn.Module) -> List[_Layer]:
    layers: List[_Layer] = []
    for module in encoder.modules():
        kind = next((kind for kind in KINDS if kind.fits(module)), None)
        if kind is not None:
            layers.append(kind(module))
    return layers


def _calls_of(encoder: torch.nn.Module, layers: List[_Layer]) -> int:
    """The number of self-attention calls in one pass."""
    config: Any = getattr(encoder, "config", None)
    calls = getattr(config, "num_hidden_layers", len(layers))
    if hasattr(config, "num_hidden_groups"):
        calls *= config.inner_group_num
    elif len(layers) != calls:
        layers = []
    if not layers:
        raise ConfigurationError(
            f"The self-attention of {type(encoder).__name__} cannot be perturbed. Supported encoders are {SUPPORTED}."
        )
    return calls


def _parameters_of(module: torch.nn.Module) -> List[str]:
    return list(inspect.signature(module.forward).parameters)


def _adds_its_mask(module: Any) -> bool:
    """Whether the weights under a bias are the softmax of scores plus bias, tested on three tokens."""
    weight = module.query.weight
    hidden = torch.linspace(-1.0, 1.0, 3 * weight.size(1)).view(1, 3, -1).to(weight)
    bias = torch.tensor([[0.0, 1.0, -1.0], [2.0, 0.0, 0.5], [0.0, -2.0, 0.0]]).view(1, 1, 3, 3).to(weight)
    was_training = module.training
    module.eval()
    try:
        with torch.no_grad():
            plain, biased = (module(hidden, mask, output_attentions=True)[1] for mask in (torch.zeros_like(bias), bias))
        expected = torch.softmax(plain.log() + bias, dim=-1)
        return expected.shape == biased.shape and torch.allclose(expected, biased, atol=1e-2)
    except Exception:  # whatever it is, it is not called like BERT's
        return False
    finally:
        module.train(was_training)


def _no_mask(hidden: torch.Tensor) -> torch.Tensor:
    return hidden.new_zeros(hidden.size(0), 1, 1, hidden.size(1))


def _additive(real: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    return torch.zeros_like(real, dtype=dtype).masked_fill(~real, torch.finfo(dtype).min)


@contextmanager
def _replaced(module: torch.nn.Module, name: str, method: Callable[..., Any]) -> Iterator[None]:
    """Replaces a method of one instance inside its context, even if it was replaced before."""
    before = vars(module).get(name)
    setattr(module, name, method)
    try:
        yield
    finally:
        if before is None:
            delattr(module, name)
        else:
            setattr(module, name, before)

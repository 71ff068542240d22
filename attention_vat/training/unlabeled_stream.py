"""An endless stream of unlabelled batches."""

import random
from typing import Any, Dict, Iterator, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import DataLoader, TensorDict

from attention_vat.training.loader_position import knowing_its_place, position_of


class UnlabeledStream(Iterator[TensorDict]):
    """
    Draws batches from a data loader endlessly: after each pass through the data it starts over in a new order. It
    shuffles with its own random generator, so that the order of the labelled data does not depend on it, and it keeps
    its position, so that a recovered run continues with the batch that would have come next.

    (AllenNLP's loaders shuffle with Python's global generator, so the stream swaps its state in while they work.)

    # Parameters

    data_loader : `DataLoader`
        A loader that is indexed with the model's vocabulary.
    seed : `int`

    Raises `ConfigurationError` when the loader has no batches.
    """

    def __init__(self, data_loader: DataLoader, seed: int) -> None:
        self._data_loader = knowing_its_place(data_loader)
        self._random_state: Any = random.Random(seed).getstate()
        self._start_of_pass: Any = self._random_state
        self._loader_at_start_of_pass = position_of(self._data_loader)
        self._batches_taken = 0
        self._batches: Optional[Iterator[TensorDict]] = None

    def __next__(self) -> TensorDict:
        global_state = random.getstate()
        random.setstate(self._random_state)
        try:
            return self._next_batch()
        finally:
            self._random_state = random.getstate()
            random.setstate(global_state)

    def _next_batch(self) -> TensorDict:
        if self._batches is None:
            self._batches = iter(self._data_loader)
            for _ in range(self._batches_taken):  # after a recovery
                next(self._batches)
        batch = next(self._batches, None)
        if batch is None:
            self._start_of_pass = random.getstate()
            self._loader_at_start_of_pass = position_of(self._data_loader)
            self._batches_taken = 0
            self._batches = iter(self._data_loader)
            batch = next(self._batches, None)
            if batch is None:
                raise ConfigurationError("The unlabelled data has no sentences.")
        self._batches_taken += 1
        return batch

    def state_dict(self) -> Dict[str, Any]:
        """Returns the position: the generator state at the start of this pass, and the batches drawn since then."""
        version, words, gauss = self._start_of_pass
        return {
            "start_of_pass": [version, list(words), gauss],
            "data_loader": self._loader_at_start_of_pass,
            "batches_taken": self._batches_taken,
        }

    def load_state_dict(self, state: Dict[str, Any]) -> None:
        """Restores the position, so that the next batch is the one that followed `state_dict()`."""
        version, words, gauss = state["start_of_pass"]
        self._random_state = self._start_of_pass = (version, tuple(words), gauss)
        self._batches_taken = state["batches_taken"]
        self._batches = None
        self._loader_at_start_of_pass = state.get("data_loader")
        if self._loader_at_start_of_pass is not None:
            self._data_loader.load_state_dict(self._loader_at_start_of_pass)  # type: ignore[attr-defined]

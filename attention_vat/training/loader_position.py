"""Data loaders that keep their position."""

import random
from typing import Any, Dict, Iterator, Optional

import torch
from allennlp.data import DataLoader, Instance, TensorDict, Vocabulary
from allennlp.data.data_loaders import MultiProcessDataLoader


class LoaderAround(DataLoader):
    """A loader that delegates to another one."""

    def __init__(self, data_loader: DataLoader) -> None:
        self.data_loader = data_loader

    def __iter__(self) -> Iterator[TensorDict]:
        return iter(self.data_loader)

    def __len__(self) -> int:
        return len(self.data_loader)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.data_loader, name)

    def iter_instances(self) -> Iterator[Instance]:
        return self.data_loader.iter_instances()

    def index_with(self, vocab: Vocabulary) -> None:
        self.data_loader.index_with(vocab)

    def set_target_device(self, device: torch.device) -> None:
        self.data_loader.set_target_device(device)


class PartsOfPasses(LoaderAround):
    """
    Wraps a `MultiProcessDataLoader` of AllenNLP with `batches_per_epoch`, whose epochs are parts of a pass through the
    data. It gives the same batches and, like the loader "flat", can report its position within a pass.
    """

    data_loader: MultiProcessDataLoader

    def __init__(self, data_loader: MultiProcessDataLoader) -> None:
        super().__init__(data_loader)
        self._pass: Optional[Iterator[TensorDict]] = None
        self._start_of_pass: Any = None
        self._batches_taken = 0

    def __iter__(self) -> Iterator[TensorDict]:
        assert self.data_loader.batches_per_epoch is not None
        for _ in range(self.data_loader.batches_per_epoch):
            batch = None if self._pass is None else next(self._pass, None)
            if batch is None:
                self._start_of_pass, self._batches_taken = random.getstate(), 0
                self._pass = self.data_loader._iter_batches()
                batch = next(self._pass, None)
                if batch is None:
                    return
            self._batches_taken += 1
            yield batch

    def state_dict(self) -> Dict[str, Any]:
        """Returns the state of Python's generator at the start of this pass, and the batches given since then."""
        if self._start_of_pass is None:
            return {}
        version, words, gauss = self._start_of_pass
        return {"start_of_pass": [version, list(words), gauss], "batches_taken": self._batches_taken}

    def load_state_dict(self, state: Dict[str, Any]) -> None:
        """Restores the position, so that the next batch is the one that followed `state_dict()`."""
        self._pass, self._start_of_pass, self._batches_taken = None, None, 0
        if not state:
            return
        version, words, gauss = state["start_of_pass"]
        now = random.getstate()
        self._start_of_pass = (version, tuple(words), gauss)
        random.setstate(self._start_of_pass)
        self._pass = self.data_loader._iter_batches()
        for _ in range(state["batches_taken"]):
            next(self._pass)
        self._batches_taken = state["batches_taken"]
        random.setstate(now)


def knowing_its_place(data_loader: DataLoader) -> DataLoader:
    """Returns the loader, wrapped in `PartsOfPasses` if its epochs are parts of a pass."""
    if isinstance(data_loader, MultiProcessDataLoader) and data_loader.batches_per_epoch is not None:
        return PartsOfPasses(data_loader)
    return data_loader


def position_of(data_loader: Optional[DataLoader]) -> Optional[Dict[str, Any]]:
    """Returns the position of a loader within a pass; `None` if each epoch is a whole pass."""
    return data_loader.state_dict() if hasattr(data_loader, "state_dict") else None  # type: ignore[union-attr]

"""The states of all random number generators that training uses."""

import random
from typing import Any, Dict

import numpy
import torch


def get_random_state() -> Dict[str, Any]:
    """
    Returns the states of the global generators of Python, numpy, torch and CUDA. They consist only of numbers, lists
    and tensors, so that `torch.load(weights_only=True)` accepts them.
    """
    version, words, gauss = random.getstate()
    name, keys, position, has_gauss, cached_gauss = numpy.random.get_state(legacy=True)  # type: ignore[misc]
    return {
        "python": [version, list(words), gauss],
        "numpy": [
            name,
            torch.tensor(numpy.asarray(keys, dtype="int64")),
            int(position),
            int(has_gauss),
            float(cached_gauss),
        ],
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def set_random_state(state: Dict[str, Any]) -> None:
    """Restores the states from `get_random_state`; those of CUDA only if the number of devices is unchanged."""
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words), gauss))
    name, keys, position, has_gauss, cached_gauss = state["numpy"]
    numpy.random.set_state((name, keys.numpy().astype("uint32"), position, has_gauss, cached_gauss))
    torch.set_rng_state(state["torch"].cpu())
    if state["cuda"] and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all([device_state.cpu() for device_state in state["cuda"]])

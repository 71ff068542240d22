"""Drawing the same random numbers twice."""

from contextlib import contextmanager
from typing import Iterator, NamedTuple, Optional

import torch


class Noise(NamedTuple):
    """
    The states of torch's random generators. Dropout that is replayed from them drops the same units, so that the
    difference between two passes measures only the perturbation.

    (The one exception is dropout *between* the layers of a stacked cuDNN RNN, which has its own generator.)

    # Parameters

    cpu : `torch.Tensor`
        The state of the CPU's generator, bytes of shape `(size_of_state,)`.
    device : `torch.device`
        The device of the model.
    cuda : `torch.Tensor`, optional (default = `None`)
        The state of the generator of a CUDA device, of the same kind.

    # Examples

        noise = Noise.now(words.device)
        first = encoder(words)
        with noise.replayed():
            again = encoder(words)  # the same
    """

    cpu: torch.Tensor
    device: torch.device
    cuda: Optional[torch.Tensor] = None

    @classmethod
    def now(cls, device: torch.device) -> "Noise":
        """The current state of the CPU's generator and, for a CUDA device, of the device's."""
        cuda = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
        return cls(torch.get_rng_state(), device, cuda)

    @contextmanager
    def replayed(self) -> Iterator[None]:
        """Repeats the random numbers drawn after `now` inside its context; outside, nothing changes."""
        with torch.random.fork_rng(devices=[self.device] if self.cuda is not None else []):
            torch.set_rng_state(self.cpu)
            if self.cuda is not None:
                torch.cuda.set_rng_state(self.cuda, self.device)
            yield

"""Drawing the same random numbers twice."""

from contextlib import contextmanager
from typing import Iterator, NamedTuple, Optional

import torch


class Noise(NamedTuple):
    """
    Where torch's generators stand. Dropout that is replayed from here drops the same units, so that the difference of
    two passes measures the perturbation between them and nothing else.

    (The one exception is dropout *between* the layers of a stacked cuDNN RNN, which keeps a generator of its own.)

    # Parameters

    cpu, device : `torch.Tensor`
        The states of the generators, bytes of shape `(size_of_state,)`.

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
        """The present state of the CPU's generator and, if it is a CUDA device, of the device's."""
        cuda = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
        return cls(torch.get_rng_state(), device, cuda)

    @contextmanager
    def replayed(self) -> Iterator[None]:
        """Inside, random numbers come as they came after `now`; outside nothing has changed."""
        with torch.random.fork_rng(devices=[self.device] if self.cuda is not None else []):
            torch.set_rng_state(self.cpu)
            if self.cuda is not None:
                torch.cuda.set_rng_state(self.cuda, self.device)
            yield

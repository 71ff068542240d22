"""Averages that stay on the device until somebody reads them."""

from typing import Dict, Tuple, Union

import torch
from allennlp.common.util import is_distributed


class RunningMeans:
    """
    Means of several named quantities over everything seen since the last reset. AllenNLP's `Average` turns each value
    into a Python number at once, which on a GPU waits for the device in every step; here values are added up where they
    are, and reading all the means is a single transfer.

    # Examples

        means = RunningMeans()
        means.update("kl", torch.tensor([0.1, 0.3]))
        means.read(reset=True)  # {"kl": 0.2}
    """

    def __init__(self) -> None:
        self._sums: Dict[str, Tuple[Union[float, torch.Tensor], Union[int, torch.Tensor]]] = {}

    def update(self, name: str, values: torch.Tensor) -> None:
        """Adds observations: every element of `values`, whatever its shape."""
        self.add(name, values.detach().sum(dtype=torch.float64), values.numel())

    def add(self, name: str, total: Union[float, torch.Tensor], count: Union[int, torch.Tensor]) -> None:
        """Adds `count` observations whose sum is `total`."""
        old_total, old_count = self._sums.get(name, (0.0, 0))
        self._sums[name] = (old_total + total, old_count + count)

    def read(self, reset: bool = False) -> Dict[str, float]:
        """
        The mean of each quantity; one without observations is left out. In distributed training the totals of all
        processes are added when `reset` is true (at the end of an epoch); in between each process reports its own.
        """
        if not self._sums:
            return {}
        device = next((total.device for total, _ in self._sums.values() if isinstance(total, torch.Tensor)), None)
        totals = torch.stack([torch.as_tensor(total, device=device).double() for total, _ in self._sums.values()])
        counts = torch.tensor([float(count) for _, count in self._sums.values()], dtype=torch.float64)
        if reset and is_distributed():
            both = torch.stack([totals, counts.to(totals.device)])
            torch.distributed.all_reduce(both)
            totals, counts = both
        values = zip(self._sums, (totals.cpu() / counts.cpu()).tolist(), counts.tolist())
        means = {name: mean for name, mean, count in values if count}
        if reset:
            self._sums = {}
        return means

"""Averages that stay on the device until they are read."""

from typing import Dict, Optional, Tuple, Union

import torch
from allennlp.common.util import is_distributed


class RunningMeans:
    """
    Means of several named quantities over all values since the last reset. AllenNLP's `Average` converts each value to
    a Python number at once, so every step waits for the GPU. Here values are summed in place on their device, so that a
    recorded step (`cuda_graphs`) counts each time it is replayed. Reading all the means takes a single transfer.

    # Examples

        means = RunningMeans()
        means.update("kl", torch.tensor([0.1, 0.3]))
        means.read(reset=True)  # {"kl": 0.2}
    """

    def __init__(self) -> None:
        # The total and the count of each quantity, float64.
        self._sums: Dict[str, Tuple[torch.Tensor, torch.Tensor]] = {}

    def update(self, name: str, values: torch.Tensor) -> None:
        """Adds observations: every element of `values`, whatever its shape."""
        self.add(name, values.detach().sum(dtype=torch.float64), values.numel())

    def add(
        self,
        name: str,
        total: Union[float, torch.Tensor],
        count: Union[int, torch.Tensor],
        device: Optional[torch.device] = None,
    ) -> None:
        """
        Adds `count` observations whose sum is `total`; both are numbers or tensors of shape `()`. If the sum is a
        number, `device` says where to keep it.
        """
        if isinstance(total, torch.Tensor):
            total, device = total.detach(), total.device
        if name not in self._sums or device not in (None, self._sums[name][0].device):
            zero = torch.zeros((), dtype=torch.float64, device=device)
            self._sums[name] = (zero, zero.clone())
        totals, counts = self._sums[name]
        totals.add_(total)
        counts.add_(count)

    def read(self, reset: bool = False) -> Dict[str, float]:
        """
        Returns the mean of each quantity that has observations. In distributed training the totals of all processes are
        added when `reset` is true (at the end of an epoch); otherwise each process reports its own means.
        """
        if not self._sums:
            return {}
        both = torch.stack([torch.stack(sums) for sums in self._sums.values()])  # (num_quantities, 2)
        if reset:
            for totals, counts in self._sums.values():
                totals.zero_()
                counts.zero_()
            if is_distributed():
                torch.distributed.all_reduce(both)
        return {name: total / count for name, (total, count) in zip(self._sums, both.tolist()) if count}

"""The progress bar shown while runs are trained."""

from typing import Any, Sequence

from allennlp.common import Tqdm

from attention_vat.experiments.job import Job


class Progress:
    """
    Shows one line: the number of finished runs, and the first of the running ones.

    # Parameters

    total : `int`
        The number of runs, including finished ones.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._bar: Any = None
        self._text = ""

    def show(self, finished: int, running: Sequence[Job], failed: int) -> None:
        """Updates the line."""
        if self._bar is None:
            # Runs finished earlier say nothing about how long the rest takes.
            self._bar = Tqdm.tqdm(total=self._total, initial=finished, desc="runs", smoothing=0.1)
        shown = [f"{job.name} {job.stage}" for job in running[:2]]
        shown += [f"{len(running) - 2} more"] if len(running) > 2 else []
        shown += [f"{failed} failed"] if failed else []
        if finished != self._bar.n or ", ".join(shown) != self._text:
            self._text = ", ".join(shown)
            self._bar.update(finished - self._bar.n)
            self._bar.set_postfix_str(self._text)

    def close(self) -> None:
        """Closes the progress bar."""
        if self._bar is not None:
            self._bar.close()

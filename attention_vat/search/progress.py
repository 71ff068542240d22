"""The progress of a search, shown while it runs."""

import math
import time
from typing import Any, Dict, List, Optional, Sequence

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from attention_vat.search.runs import Run

_STYLES = {"finished": "green", "stopped": "yellow", "failed": "red", "running": "bold", "waiting": "dim"}


class Progress:
    """
    On a terminal, a table that is updated in place: the runs in progress, those that ended last and the best one. In a
    log file, a line for each run that ends.

    # Parameters

    runs : `List[Run]`
        The runs of this session.
    names : `Sequence[str]`
        The hyperparameters to show.
    metric, mode : `str`
    num_done : `int`
        The number of runs that earlier sessions finished.
    silent : `bool`, optional (default = `False`)
    """

    def __init__(
        self, runs: List[Run], names: Sequence[str], metric: str, mode: str, num_done: int, silent: bool = False
    ) -> None:
        self._total = len(runs)
        self._names = names
        self._metric = metric
        self._sign = 1 if mode == "max" else -1
        self._num_done = num_done
        self._silent = silent
        self._start = time.time()
        # The metric of each run in its epochs so far; an epoch may lack it.
        self._values: Dict[Run, List[Optional[float]]] = {}
        self._ended: List[Run] = []
        self._running: List[Run] = []
        self._console = Console()
        self._live: Optional[Live] = None
        if not silent and self._console.is_terminal:
            self._live = Live(self._table(), console=self._console, auto_refresh=False)

    def __enter__(self) -> "Progress":
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *args: Any) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, running: Sequence[Run]) -> None:
        """Takes the runs in progress and updates the display. Earlier ones that are missing have ended."""
        ended = [run for run in self._running if run not in running]
        self._running = [*running]
        for run in self._running + ended:
            values = self._values.setdefault(run, [])
            values += [metrics.get(self._metric) for metrics in run.epochs(start=len(values))]
        for run in ended:
            self._ended.append(run)
            if self._live is None and not self._silent:
                outcome = run.error if run.status == "failed" else f"{self._metric} {_number(self._best(run))}"
                hyperparameters = run.hyperparameters
                drawn = ", ".join(f"{key} {_short(hyperparameters[key])}" for key in self._names)
                print(
                    f"{self._counts()}  {run.name} {self._status(run)}, epochs {len(self._values[run])}, {outcome}  "
                    f"({drawn})",
                    flush=True,
                )
        self._refresh()

    def _best(self, run: Run) -> Optional[float]:
        values = [value for value in self._values.get(run, []) if value is not None and math.isfinite(value)]
        return max(values, key=lambda value: self._sign * value, default=None)

    def _refresh(self) -> None:
        if self._live is not None:
            self._live.update(self._table(), refresh=True)

    def _counts(self) -> str:
        return f"{self._num_done + len(self._ended)}/{self._num_done + self._total}"

    def _status(self, run: Run) -> str:
        if run in self._running:
            return "running"
        return "failed" if run.status == "unfinished" else run.status

    def _table(self) -> Table:
        minutes, rest = divmod(int(time.time() - self._start), 60)
        table = Table(
            title=f"{self._counts()} runs, {minutes}:{rest:02d}", title_justify="left", box=None, pad_edge=False
        )
        for title in ("run", "", "epochs", self._metric, "best"):
            table.add_column(title, justify="right" if title not in ("run", "") else "left")
        for title in self._names:
            table.add_column(title, justify="right")
        bests = {run: self._best(run) for run in self._values}
        with_best = {run: self._sign * value for run, value in bests.items() if value is not None}
        best = max(with_best, key=lambda run: with_best[run], default=None)
        shown = self._running + self._ended[-5:][::-1]
        for run in shown + ([best] if best is not None and best not in shown else []):
            status, values = self._status(run), self._values[run]
            label = Text(status + (" (best)" if run == best else ""), style=_STYLES.get(status, ""))
            cells = [str(len(values) or ""), _number(values[-1] if values else None), _number(bests[run])]
            hyperparameters = run.hyperparameters
            table.add_row(run.name, label, *cells, *(_short(hyperparameters[key]) for key in self._names))
        return table


def _number(value: Optional[float]) -> str:
    return "–" if value is None else f"{value:.4f}"


def _short(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 24 else "…" + text[-23:]

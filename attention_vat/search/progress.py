"""What is seen of a search while it runs."""

import math
import time
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from attention_vat.search.runs import Run
from attention_vat.search.trainable import EPOCHS

if TYPE_CHECKING:
    from ray.tune.experiment import Trial

_STYLES = {"finished": "green", "stopped": "yellow", "failed": "red", "running": "bold", "waiting": "dim"}


class Progress:
    """
    One table that stays in its place on a terminal: the runs in progress, those that ended last and the best one. In a
    log file it is a line for each run that ends. The methods are those of a `ray.tune.Callback`.

    # Parameters

    runs : `List[Run]`
        Those of this session.
    names : `Sequence[str]`
        Which hyperparameters to show.
    metric, mode : `str`
    num_done : `int`
        Runs of earlier sessions.
    silent : `bool`, optional (default = `False`)
    """

    def __init__(
        self, runs: List[Run], names: Sequence[str], metric: str, mode: str, num_done: int, silent: bool = False
    ) -> None:
        self._runs = {str(run.directory): run for run in runs}
        self._names = names
        self._metric = metric
        self._sign = 1 if mode == "max" else -1
        self._num_done = num_done
        self._silent = silent
        self._start = time.time()
        self._epochs: Dict[str, int] = {}
        self._last: Dict[str, float] = {}
        self._best: Dict[str, float] = {}
        self._ended: List[str] = []
        self._running: List[str] = []
        self._console = Console()
        self._live: Optional[Live] = None
        if not silent and self._console.is_terminal:
            self._live = Live(self._table(), console=self._console, auto_refresh=False)

    def __getstate__(self) -> Dict[str, Any]:
        return {}  # Tune pickles callbacks to restore them, which is not done here, and a terminal cannot be pickled

    def __enter__(self) -> None:
        if self._live is not None:
            self._live.start()

    def __exit__(self, *args: Any) -> None:
        if self._live is not None:
            self._live.stop()

    def on_trial_start(self, iteration: int, trials: List["Trial"], trial: "Trial", **info: Any) -> None:
        name = trial.config["directory"]
        if name not in self._running:
            self._running.append(name)
        self._refresh()

    def on_trial_result(
        self, iteration: int, trials: List["Trial"], trial: "Trial", result: Dict[str, Any], **info: Any
    ) -> None:
        name = trial.config["directory"]
        if self._metric in result:
            value = result[self._metric]
            self._epochs[name], self._last[name] = result[EPOCHS], value
            if math.isfinite(value) and (name not in self._best or self._sign * value > self._sign * self._best[name]):
                self._best[name] = value
        self._refresh()

    def on_trial_complete(self, iteration: int, trials: List["Trial"], trial: "Trial", **info: Any) -> None:
        self._end(trial)

    def on_trial_error(self, iteration: int, trials: List["Trial"], trial: "Trial", **info: Any) -> None:
        self._end(trial)

    def _end(self, trial: "Trial") -> None:
        name = trial.config["directory"]
        if name in self._running:
            self._running.remove(name)
        self._ended.append(name)
        if self._live is not None:
            self._refresh()
        elif not self._silent:
            status, run = self._status(name), self._runs[name]
            outcome = run.error if status == "failed" else f"{self._metric} {_number(self._best.get(name))}"
            values = ", ".join(f"{key} {_short(run.hyperparameters[key])}" for key in self._names)
            print(
                f"{self._counts()}  {run.name} {status}, epochs {self._epochs.get(name, 0)}, {outcome}  ({values})",
                flush=True,
            )

    def _refresh(self) -> None:
        if self._live is not None:
            self._live.update(self._table(), refresh=True)

    def _counts(self) -> str:
        return f"{self._num_done + len(self._ended)}/{self._num_done + len(self._runs)}"

    def _status(self, name: str) -> str:
        if name in self._running:
            return "running"
        status = self._runs[name].status
        return "failed" if status == "unfinished" else status

    def _table(self) -> Table:
        minutes, rest = divmod(int(time.time() - self._start), 60)
        table = Table(
            title=f"{self._counts()} runs, {minutes}:{rest:02d}", title_justify="left", box=None, pad_edge=False
        )
        for title in ("run", "", "epochs", self._metric, "best"):
            table.add_column(title, justify="right" if title not in ("run", "") else "left")
        for title in self._names:
            table.add_column(title, justify="right")
        best = max(self._best, key=lambda name: self._sign * self._best[name], default=None)
        shown = self._running + self._ended[-5:][::-1]
        for name in shown + ([best] if best is not None and best not in shown else []):
            status, run = self._status(name), self._runs[name]
            label = Text(status + (" (best)" if name == best else ""), style=_STYLES.get(status, ""))
            cells = [str(self._epochs.get(name, "")), _number(self._last.get(name)), _number(self._best.get(name))]
            values = run.hyperparameters
            table.add_row(run.name, label, *cells, *(_short(values[key]) for key in self._names))
        return table


def _number(value: Optional[float]) -> str:
    return "–" if value is None else f"{value:.4f}"


def _short(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 24 else "…" + text[-23:]

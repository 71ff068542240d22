"""
Processes of a trial that may be killed. They are forks of the one that runs the trial, which has imported everything
and has one thread, so that each starts at once.
"""

import ctypes
import json
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Optional

from allennlp.common import Tqdm

# Of linux/prctl.h.
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
# A run of a trial takes some seconds; on a busy machine it takes some more.
PATIENCE = 300.0


@dataclass(frozen=True)
class Ending:
    """
    How a process ended.

    # Parameters

    code : `int`
        Its exit code, below 0 for the signal that killed it.
    error : `str`
        The type and the message of what was raised.
    output : `Path`
        What it printed.
    """

    code: int
    error: str
    output: Path

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL

    @property
    def refused(self) -> bool:
        """Whether it ended with a sentence: with AllenNLP's kind of error, or with that of a command."""
        return self.error.startswith(("ConfigurationError: ", "SystemExit: allennlp "))

    def expect_success(self, what: str) -> None:
        """Raises an `AssertionError` if the process failed or was killed."""
        assert self.code == 0, f"{what} ended with code {self.code}: {self.error}"


class Process:
    """
    A process that does some work.

    # Parameters

    work : `Callable[[], Any]`
    output : `Path`
        A file for what it prints.
    """

    def __init__(self, work: Callable[[], Any], output: Path) -> None:
        output.parent.mkdir(parents=True, exist_ok=True)
        self.output = output
        self._error = output.with_name(f"{output.name}.error")
        self._error.unlink() if self._error.exists() else None
        self._code: Optional[int] = None
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            self._run(work, parent)

    def _run(self, work: Callable[[], Any], parent: int) -> None:
        code = 1
        try:
            die_with_parent(parent)
            file = os.open(self.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
            os.dup2(file, 1)
            os.dup2(file, 2)
            own_lock_of_bars()
            sys.stdout = sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
            work()
            code = 0
        except SystemExit as error:  # how commands end
            code = error.code if isinstance(error.code, int) else int(error.code is not None)
            if code:
                self._error.write_text(json.dumps(f"SystemExit: {error.code}"))
        except BaseException as error:
            self._error.write_text(json.dumps(f"{type(error).__name__}: {error}"))
        finally:
            # At once: what else waits for the end of a process belongs to the one it was forked from.
            os._exit(code)

    def ended(self) -> bool:
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = _code_of(status)
        return self._code is not None

    def kill(self) -> None:
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)

    def kill_after(self, seconds: float) -> None:
        """Kills the process after a time, unless it ends before."""
        end = time.monotonic() + seconds
        while not self.ended() and time.monotonic() < end:
            time.sleep(0.002)
        self.kill()

    def wait(self, seconds: float = PATIENCE) -> Ending:
        """Raises a `TimeoutError`, after it has killed the process, if that is still at work after the time."""
        end = time.monotonic() + seconds
        try:
            while not self.ended():
                if time.monotonic() > end:
                    raise TimeoutError(f"a process did not end in {seconds:.0f} s: {_tail(self.output)}")
                time.sleep(0.005)
        except BaseException:
            self.kill()
            raise
        assert self._code is not None
        error = json.loads(self._error.read_text()) if self._error.exists() else ""
        return Ending(self._code, error, self.output)


def run(work: Callable[[], Any], output: Path, seconds: float = PATIENCE) -> Ending:
    """Does some work in a process of its own, and waits for its end."""
    return Process(work, output).wait(seconds)


def _code_of(status: int) -> int:
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)


def _tail(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")[-300:] if file.exists() else ""


def own_lock_of_bars() -> None:
    """Gives progress bars a lock of this process. Theirs is shared by all forks, and a killed process keeps it."""
    Tqdm.set_lock(threading.RLock())


def die_with_parent(parent: int) -> None:
    """Has Linux kill this process when its parent, a process with one thread, ends."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before
        os._exit(1)


def adopt_orphans() -> None:
    """Processes whose parent is killed become children of this process, which sees them by that."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_children(grace: float) -> int:
    """
    Waits a moment for the processes that are left, and then kills them.

    # Returns

    killed : `int`
        How many did not end by themselves.
    """
    end, killed = time.monotonic() + grace, 0
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return killed
        if pid:
            continue
        if time.monotonic() > end:
            for child in _children():
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                killed += 1
        else:
            time.sleep(0.01)


def _children() -> "list[int]":
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in path.read_text().split()]


class Countdown:
    """
    Kills the process at an event of the interpreter: each call of a function, Python's or C's, and each return is one.
    So the moment does not depend on how fast the machine is, and comes back when a trial is repeated.

    # Parameters

    event : `int`, optional
        Without it events are only counted.

    # Examples

        with Countdown(12_345):
            train_model(...)
    """

    def __init__(self, event: Optional[int] = None) -> None:
        self.events = 0
        self._event = event
        self._process = os.getpid()

    def __enter__(self) -> "Countdown":
        sys.setprofile(self._count)
        return self

    def __exit__(self, *_: Any) -> None:
        sys.setprofile(None)

    def _count(self, *_: Any) -> None:
        self.events += 1
        if self.events == self._event and os.getpid() == self._process:
            os.kill(self._process, signal.SIGKILL)

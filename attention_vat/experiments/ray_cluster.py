"""Joins a Ray cluster, or starts one on this machine only. Ray is an optional dependency."""

import logging
import os
import secrets
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any, List, Optional

from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.gpus import NVML

# With 0, Ray gives its processes the address 127.0.0.1, as on Windows and macOS, and they listen only there.
_CLUSTER = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
_ATTEMPTS = 3
_folders: List[str] = []


def require_ray(address: Optional[str] = None) -> None:
    """
    Must be called before Ray is imported. Turns off usage reports, and keeps Ray from storing the token that its
    processes authenticate with in the home directory: a cluster that is started for one command has its own token.

    # Parameters

    address : `str`, optional (default = `None`)
        The address of an existing cluster, which has its own token.

    Raises `ConfigurationError` if Ray is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault(NVML, "1")
    if address is None and "ray" not in sys.modules and "RAY_AUTH_MODE" not in os.environ:
        os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
    try:
        import ray  # noqa: F401
    except ImportError as error:
        raise ConfigurationError(f"Ray is needed ({error}); run `pip install ray`") from None


def join_cluster(address: str, **options: Any) -> None:
    """
    # Parameters

    address : `str`
    options
        Passed to `ray.init`.

    Raises `ConfigurationError` if there is no cluster at the address.
    """
    import ray

    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **options)
    except Exception as error:
        problem = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ConfigurationError(f"--address {address}: there is no Ray cluster ({problem})") from error


def start_local_ray(**options: Any) -> None:
    """
    Starts Ray for this process. No other machine can connect to it, and no other user can read its files, which
    `stop_ray` removes.

    # Parameters

    options
        Passed to `ray.init`.

    Raises `ConfigurationError` if Ray does not start, and leaves nothing of it behind.
    """
    import ray

    for attempt in range(1, _ATTEMPTS + 1):
        # Everybody can read Ray's own folders, but nobody else can enter this one.
        folder = tempfile.mkdtemp(prefix="ray-")
        _folders.append(folder)
        _set_loopback(True)
        options["_temp_dir"] = os.path.join(folder, "ray")
        try:
            ray.init("local", include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR, **options)
            return
        except Exception as error:
            stop_ray()
            # Ray waits half a minute for its processes, too little on a very busy machine.
            if "timed out" not in str(error) or attempt == _ATTEMPTS:
                problem = (str(error).strip() or type(error).__name__).splitlines()[0]
                raise ConfigurationError(f"Ray does not start on this machine: {problem}") from error
        except BaseException:
            stop_ray()
            raise


def stop_ray() -> None:
    """Shuts Ray down, or leaves the cluster."""
    import ray

    ray.shutdown()
    while _folders:
        folder = _folders.pop()
        # After a failed start, Ray forgets the processes that it has started.
        for process in _processes_of(folder):
            os.kill(process, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
        _set_loopback(False)


def _set_loopback(wanted: bool) -> None:
    from ray._private import ray_constants

    # Ray's processes will read the variable; this process read it when it imported Ray.
    ray_constants.ENABLE_RAY_CLUSTER = not wanted
    if wanted:
        os.environ[_CLUSTER] = "0"
    else:
        os.environ.pop(_CLUSTER, None)


def _processes_of(folder: str) -> List[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:  # it has ended
            continue
        if folder.encode() in command and int(process.name) != os.getpid():
            found.append(int(process.name))
    return found

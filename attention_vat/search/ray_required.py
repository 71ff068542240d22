"""Ray is an optional dependency."""

import os
import secrets
import sys
from typing import Optional

from allennlp.common.checks import ConfigurationError

from attention_vat.search.gpus import NVML


def require_ray(address: Optional[str] = None) -> None:
    """
    To be called before Ray is imported. Keeps it from reporting its use, and from writing the secret that its processes
    know each other by into the home directory: a cluster that is started for one command has one of its own.

    # Parameters

    address : `str`, optional (default = `None`)
        Of a cluster, which has its own secret.

    Raises `ConfigurationError` if Ray Tune is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault(NVML, "1")
    if address is None and "ray" not in sys.modules and "RAY_AUTH_MODE" not in os.environ:
        os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
    try:
        import ray.tune  # noqa: F401
    except ImportError as error:
        raise ConfigurationError(f"Ray is needed ({error}); run `pip install 'ray[tune]'`") from None

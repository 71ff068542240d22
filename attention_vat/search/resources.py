"""What a search may use, and Ray to give it out."""

import logging
from typing import Any, NamedTuple, Optional

from allennlp.common.checks import ConfigurationError

from attention_vat.search.local_ray import start_local_ray


class Resources(NamedTuple):
    """
    # Parameters

    cpus, gpus : `float`
        Of this machine; a cluster has its own.
    cpus_per_trial, gpus_per_trial : `float`
        Fractions are allowed: two runs with 0.5 share one.
    address : `str`, optional (default = `None`)
        Of a running cluster. Without it Ray starts on this machine and ends with the search.
    """

    cpus: float = 1
    gpus: float = 0
    cpus_per_trial: float = 1
    gpus_per_trial: float = 0
    address: Optional[str] = None


def check_resources(resources: Resources) -> None:
    """Raises `ConfigurationError` if there is not enough for a single run."""
    for what in ("cpus", "gpus"):
        there, needed = getattr(resources, what), getattr(resources, f"{what}_per_trial")
        if needed > there:
            raise ConfigurationError(f"a run needs {needed:g} {what} (--{what}-per-trial), but there are {there:g}")


def start_ray(resources: Resources) -> None:
    """Raises `ConfigurationError` if there is no cluster at the address, or if Ray does not start here."""
    if resources.address is None:
        # The objects that go from process to process are a few numbers.
        start_local_ray(num_cpus=resources.cpus, num_gpus=resources.gpus, object_store_memory=100 * 2**20)
    else:
        join_cluster(resources.address)


def join_cluster(address: str, **options: Any) -> None:
    """
    # Parameters

    address : `str`
    options
        Of `ray.init`.

    Raises `ConfigurationError` if there is no cluster at the address.
    """
    import ray

    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **options)
    except Exception as error:
        problem = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ConfigurationError(f"--address {address}: there is no Ray cluster ({problem})") from error


def check_cluster(resources: Resources) -> None:
    """As `check_resources`, for what the cluster that runs has."""
    import ray

    available = ray.cluster_resources()
    resources = resources._replace(cpus=available.get("CPU", 0), gpus=available.get("GPU", 0))
    check_resources(resources)

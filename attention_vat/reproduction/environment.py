"""Versions and the kind of machine, for results. Nothing in it names a machine, a user or a folder."""

import os
import platform
from pathlib import Path
from typing import Any, Dict

import allennlp
import numpy
import scipy
import torch

from attention_vat.version import VERSION


def environment() -> Dict[str, Any]:
    """Of this process."""
    return {
        "attention_vat": VERSION,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "allennlp": allennlp.__version__,
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "system": platform.system(),
        "processor": _processor(),
        "cpus": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_initialized() else None,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()

"""
A torch that is built for GPUs, on a machine without any: it writes down who asks the CUDA runtime. To be imported first
by the process that runs are forked from.
"""

import json
import os
import traceback
from pathlib import Path

import torch

CALLS = []


def _count():
    CALLS.append("".join(traceback.format_stack(limit=10)))
    return 0


torch._C._cuda_getDeviceCount = _count
# Torch's compiler imports it from a build for GPUs.
torch._C._cuda_getCurrentRawStream = lambda device: 0
# What asks the driver's library, which has nothing to do with the runtime.
torch.cuda._device_count_nvml = lambda: 0


def report(path):
    """Written in a fork: what was asked before it and in it, and what it sees."""
    torch.cuda.is_available()
    found = {
        "calls": CALLS,
        "initialized": torch.cuda.is_initialized() or torch.cuda._initialized,
        "bad_fork": torch.cuda._is_in_bad_fork(),
        "visible": os.environ.get("CUDA_VISIBLE_DEVICES"),
    }
    Path(path).write_text(json.dumps(found), encoding="utf-8")

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import attention_vat.common.end_with_parent

# Without the package, whose import takes a while.
PROGRAM = """
import importlib.util, multiprocessing, sys, time

def worker():
    specification = importlib.util.spec_from_file_location("end_with_parent", sys.argv[1])
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    module.end_with_parent()
    time.sleep(60)

multiprocessing.set_start_method("fork")
processes = [multiprocessing.Process(target=worker, daemon=True) for _ in range(3)]
for process in processes:
    process.start()
print(*[process.pid for process in processes], flush=True)
time.sleep(60)
"""


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_workers_end_when_their_parent_is_killed():
    module = attention_vat.common.end_with_parent.__file__
    parent = subprocess.Popen([sys.executable, "-c", PROGRAM, module], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    try:
        assert len(workers) == 3 and all(map(is_alive, workers))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        deadline = time.monotonic() + 20
        while any(map(is_alive, workers)) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not any(map(is_alive, workers))
    finally:
        parent.stdout.close()
        for pid in filter(is_alive, workers):
            os.kill(pid, signal.SIGKILL)

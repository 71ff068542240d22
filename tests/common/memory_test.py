import subprocess
import sys

import pytest

from attention_vat.common import memory

# In a process of its own: it changes how the whole process gets its memory. Loaded as a file, without AllenNLP.
CODE = """
import resource, runpy, sys

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        pieces = [b"x" * 40_000_000 for _ in range(2)]
        del pieces
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

before = faults()
done = runpy.run_path(sys.argv[1])["keep_freed_memory"]()
faults()
print(done, faults() < before / 4)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="about glibc")
def test_freed_memory_is_used_again():
    command = [sys.executable, "-c", CODE, memory.__file__]
    assert subprocess.run(command, capture_output=True, text=True).stdout.split() == ["True", "True"]


def test_elsewhere_it_does_nothing(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert memory.keep_freed_memory() is False

"""What need not run on each stack."""

import pytest
import torch

MODERN = int(torch.__version__.split(".")[0]) >= 2
# Command lines, pages and files, which say the same with every version of the libraries: CI runs them once.
on_modern_stack = pytest.mark.skipif(not MODERN, reason="the same on each stack; runs on the modern one")

"""What `pip` sees: the metadata, the wheel, and the locks."""

import re
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Dict, Iterator, List

import pytest
import torch
from packaging.requirements import Requirement

from attention_vat.version import VERSION

ROOT = Path(__file__).parents[2]
STACK = "classic" if torch.__version__.startswith("1.") else "modern"
# Made by scripts/bootstrap.sh from the lock, and not by somebody's own hand.
from_lock = pytest.mark.skipif(
    not (Path(sys.prefix) / ".attention-vat").exists(), reason="this environment was not made from a lock"
)
# Asked for by AllenNLP's metadata, and imported by nothing here (see the head of the lock).
LEFT_OUT = {"modern": {"wandb", "datasets", "sacremoses", "traitlets"}, "classic": set()}


def normalize(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(stack: str) -> List[Requirement]:
    lines = (ROOT / "requirements" / f"{stack}.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def lock(stack: str) -> Dict[str, str]:
    """Versions by name, for this Python."""
    return {normalize(each.name): str(each.specifier)[2:] for each in requirements(stack) if applies(each)}


@pytest.mark.parametrize("stack", ["modern", "classic"])
def test_locks_pin_every_package_once(stack: str) -> None:
    pins = [each for each in requirements(stack) if applies(each)]

    assert all(re.match(r"^==[^*,]+$", str(each.specifier)) for each in pins)
    assert len({normalize(each.name) for each in pins}) == len(pins)


@from_lock
def test_the_environment_is_the_lock() -> None:
    installed = {name: metadata.version(name).split("+")[0] for name in lock(STACK)}

    assert installed == lock(STACK)


@from_lock
def test_the_lock_is_complete() -> None:
    pins = lock(STACK)
    cuda = re.compile("nvidia|cuda|triton")  # torch's own, where there is a GPU
    missing = {
        f"{needed} of {name}"
        for name in pins
        for needed in _dependencies(name)
        if needed not in pins and needed not in LEFT_OUT[STACK] and not (name == "torch" and cuda.match(needed))
    }

    assert missing == set()


@from_lock
def test_the_classic_lock_keeps_every_bound() -> None:
    if STACK != "classic":
        pytest.skip("the modern stack is AllenNLP without its upper bounds")

    result = subprocess.run([sys.executable, "-m", "pip", "check"], stdout=subprocess.PIPE, universal_newlines=True)
    assert "No broken requirements found." in result.stdout


def _dependencies(name: str) -> Iterator[str]:
    for text in metadata.requires(name) or []:
        requirement = Requirement(text)
        if applies(requirement):
            yield normalize(requirement.name)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    source = tmp_path_factory.mktemp("source")  # setuptools leaves a folder `build` behind
    for name in ["attention_vat", "training_configs", "experiments"]:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ["setup.py", "pyproject.toml"]:
        shutil.copy(ROOT / name, source)
    command = ["pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-q", "-w", "dist", "."]
    subprocess.run([sys.executable, "-m", *command], cwd=str(source), check=True)
    return zipfile.ZipFile(next((source / "dist").glob("attention_vat-*.whl")))


def test_the_wheel_holds_everything_that_the_package_uses(wheel: zipfile.ZipFile) -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "attention_vat").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for name in ("training_configs", "experiments"):
        shipped = [path for path in (ROOT / name).rglob("*") if path.is_file()]
        files |= {f"attention_vat/shipped_{path.relative_to(ROOT).as_posix()}" for path in shipped}

    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == files


def test_the_wheel_asks_for_allennlp_where_pip_can_bring_it(wheel: zipfile.ZipFile) -> None:
    name = next(name for name in wheel.namelist() if name.endswith("METADATA"))
    fields = wheel.read(name).decode().splitlines()
    needed = [Requirement(field[len("Requires-Dist: ") :]) for field in fields if field.startswith("Requires-Dist: ")]

    def on(version: str) -> Dict[str, str]:
        environment = {"python_version": version, "extra": ""}
        return {
            each.name: str(each.specifier) for each in needed if not each.marker or each.marker.evaluate(environment)
        }

    assert f"Version: {VERSION}" in fields and f"-{VERSION}-" in Path(wheel.filename or "").name
    assert "Requires-Python: >=3.8" in fields
    assert on("3.11") == {"jinja2": ">=3", "matplotlib": ">=3.7", "pandas": ">=1.5"}
    assert on("3.10") == {**on("3.11"), "allennlp": "==2.10.1", "numpy": "<2", "typing-extensions": "<4.6"}
    assert on("3.8") == {**on("3.10"), "lmdb": "<2", "google-crc32c": "<1.6"}

"""The set-up script, with an interpreter that only pretends: it makes folders, and pip notes its arguments."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

FAKE_PYTHON = """#!/bin/sh
case "$*" in
    *"import sys; print"*) echo {version} ;;
    *"import ensurepip"*) exit {no_venv} ;;
    "-m venv"*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    "-m pip"*) echo "$*" >>"$PIP_CALLS"; exit "${{PIP_STATUS:-0}}" ;;
    "-m attention_vat"*) echo "compiled: ${{PYTHONDONTWRITEBYTECODE:-yes}}" ;;
esac
"""


class Checkout:
    def __init__(self, root: Path) -> None:
        self.root = root / "checkout"
        self.bin = root / "bin"
        self.calls = root / "pip_calls"
        for name in ["scripts/bootstrap.sh", "requirements/modern.txt", "requirements/classic.txt", "setup.py"]:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        (self.root / "attention_vat").mkdir()
        shutil.copy(ROOT / "attention_vat" / "version.py", self.root / "attention_vat")
        # Whatever Pythons this machine has are hidden behind ones that do not run.
        for version in ["3", "3.8", "3.9", "3.10", "3.11", "3.12"]:
            self.add_python(self.bin / f"python{version}", "exit 1")
        self.add_python(self.bin / "python", "exit 1")

    def add_python(self, path: Path, version: str, no_venv: int = 0) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "#!/bin/sh\nexit 1\n" if version == "exit 1" else FAKE_PYTHON.format(version=version, no_venv=no_venv)
        path.write_text(text)
        path.chmod(0o755)

    def run(self, stack: str = "modern", **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(self.root / "scripts" / "bootstrap.sh"), stack],
            env={
                "PATH": f"{self.bin}:/usr/bin:/bin",
                "HOME": str(self.root),
                "PIP_CALLS": str(self.calls),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
        )

    def pip_calls(self) -> int:
        return len(self.calls.read_text().splitlines()) if self.calls.exists() else 0


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def good(result: "subprocess.CompletedProcess[str]") -> str:
    assert result.returncode == 0, result.stderr
    return result.stdout


def bad(result: "subprocess.CompletedProcess[str]") -> str:
    assert result.returncode == 1
    return result.stderr


def test_installs_torch_then_the_lock_then_the_package(checkout: Checkout) -> None:
    checkout.add_python(checkout.bin / "python3.11", "3.11.7")

    output = good(checkout.run())

    torch, lock, package = checkout.calls.read_text().splitlines()
    assert "torch==2.13.0" in torch
    assert "--no-deps" not in torch
    assert "-c requirements/modern.txt" in torch
    assert "--no-deps" in lock
    assert "-r requirements/modern.txt" in lock
    assert package.endswith("-e .")
    assert "Python 3.11.7" in output


def test_compiles_modules_whatever_the_shell_says(checkout: Checkout) -> None:
    checkout.add_python(checkout.bin / "python3.11", "3.11.7")

    good(checkout.run(PYTHONDONTWRITEBYTECODE="1"))

    assert "compiled: yes" in (checkout.root / ".venv" / "install.log").read_text()


def test_running_it_again_does_nothing(checkout: Checkout) -> None:
    checkout.add_python(checkout.bin / "python3.11", "3.11.7")
    good(checkout.run())

    assert good(checkout.run()) == ""
    assert checkout.pip_calls() == 3


@pytest.mark.parametrize("changed", ["requirements/modern.txt", "setup.py"])
def test_a_changed_lock_is_installed(checkout: Checkout, changed: str) -> None:
    checkout.add_python(checkout.bin / "python3.11", "3.11.7")
    good(checkout.run())
    with open(str(checkout.root / changed), "a") as file:
        file.write("# changed\n")

    assert "has changed" in good(checkout.run())
    assert checkout.pip_calls() == 6


def test_an_interrupted_installation_is_done_again(checkout: Checkout) -> None:
    checkout.add_python(checkout.bin / "python3.11", "3.11.7")
    message = bad(checkout.run(PIP_STATUS="1"))
    leftover = checkout.root / ".venv" / "leftover"
    leftover.touch()

    assert "install.log" in message
    assert "is incomplete" in good(checkout.run())
    assert not leftover.exists()
    assert good(checkout.run()) == ""


def test_a_moved_checkout_is_installed_again(checkout: Checkout, tmp_path: Path) -> None:
    checkout.add_python(checkout.bin / "python3.11", "3.11.7")
    good(checkout.run())
    checkout.root = checkout.root.rename(tmp_path / "moved")

    assert "has changed" in good(checkout.run())


def test_somebody_elses_environment_is_left_alone(checkout: Checkout) -> None:
    checkout.add_python(checkout.bin / "python3.11", "3.11.7")
    own = checkout.root / ".venv" / "own"
    own.mkdir(parents=True)

    assert "was not made by this script" in bad(checkout.run())
    assert own.exists()
    good(checkout.run(VENV="other"))
    assert (checkout.root / "other" / ".installed").exists()


@pytest.mark.parametrize(
    ("stack", "present", "chosen"),
    [
        ("modern", ["3.10.1", "3.11.2", "3.12.3"], "3.11.2"),
        ("modern", ["3.10.1", "3.12.3"], "3.10.1"),
        ("modern", ["3.8.1", "3.12.3"], "3.12.3"),
        ("classic", ["3.8.1", "3.9.2", "3.11.2"], "3.8.1"),
        ("classic", ["3.10.1", "3.11.2"], "3.10.1"),
    ],
)
@pytest.mark.parametrize("place", ["path", "pyenv"])
def test_takes_the_best_python(checkout: Checkout, stack: str, present: Any, chosen: str, place: str) -> None:
    for version in present:
        if place == "path":
            checkout.add_python(checkout.bin / f"python{version.rpartition('.')[0]}", version)
        else:
            checkout.add_python(checkout.root / "pyenv" / "versions" / version / "bin" / "python", version)

    output = good(checkout.run(stack, PYENV_ROOT=str(checkout.root / "pyenv")))
    assert f"Python {chosen} " in output


def test_a_plain_python3_will_do(checkout: Checkout) -> None:
    checkout.add_python(checkout.bin / "python3", "3.11.7")

    assert f"Python 3.11.7 ({checkout.bin}/python3)" in good(checkout.run())


def test_says_what_it_found_when_nothing_fits(checkout: Checkout) -> None:
    checkout.add_python(checkout.bin / "python3", "3.13.1")
    checkout.add_python(checkout.bin / "python3.11", "3.11.7", no_venv=1)

    message = bad(checkout.run())

    assert "needs one of 3.11 3.10 3.12" in message
    assert "Python 3.13.1" in message
    assert "Python 3.11.7" in message
    assert "venv or ensurepip" in message
    assert not (checkout.root / ".venv").exists()


def test_says_so_when_there_is_no_python_at_all(checkout: Checkout) -> None:
    assert "Found: none." in bad(checkout.run())


def test_a_named_python_is_used_and_no_other(checkout: Checkout) -> None:
    checkout.add_python(checkout.bin / "python3.11", "3.11.7")
    checkout.add_python(checkout.bin / "mine", "3.12.0")

    assert "Python 3.12.0" in good(checkout.run(PYTHON="mine"))
    assert good(checkout.run(PYTHON="mine")) == ""
    assert good(checkout.run()) == ""
    assert "has changed" in good(checkout.run(PYTHON="python3.11"))

    checkout.add_python(checkout.bin / "old", "3.6.0")
    assert "Python 3.6.0" in bad(checkout.run(PYTHON="old"))


def test_an_unknown_stack_is_refused(checkout: Checkout) -> None:
    result = checkout.run("future")

    assert result.returncode == 2
    assert "modern or classic" in result.stderr

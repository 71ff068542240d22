"""The source distribution is the repository: its tests, documentation and experiments work where it is unpacked."""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import List

import pytest

from attention_vat.version import VERSION

ROOT = Path(__file__).parents[2]
# For those who change the repository.
LEFT_OUT = {".ci/run", ".gitignore"}
# Made by setuptools.
ADDED = {"PKG-INFO", "setup.cfg"}


@pytest.fixture(scope="module")
def tracked() -> List[str]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a repository")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    result = subprocess.run(command, cwd=str(ROOT), stdout=subprocess.PIPE, universal_newlines=True, check=True)
    # Without those that were deleted and not yet committed.
    return [name for name in result.stdout.splitlines() if (ROOT / name).exists()]


@pytest.fixture(scope="module")
def sdist(tracked: List[str], tmp_path_factory: pytest.TempPathFactory) -> tarfile.TarFile:
    source = tmp_path_factory.mktemp("source")  # setuptools leaves a folder `attention_vat.egg-info` behind
    for name in tracked:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(str(ROOT / name), str(source / name))
    build = "from setuptools import build_meta; build_meta.build_sdist('dist')"
    subprocess.run([sys.executable, "-c", build], cwd=str(source), check=True, stdout=subprocess.DEVNULL)
    return tarfile.open(str(next((source / "dist").glob("attention[_-]vat-*.tar.gz"))))


def test_the_sdist_is_the_repository(sdist: tarfile.TarFile, tracked: List[str]) -> None:
    assert Path(str(sdist.name)).name.endswith(f"-{VERSION}.tar.gz")
    packed = {member.name.split("/", 1)[1] for member in sdist.getmembers() if member.isfile()}

    assert {name for name in packed if ".egg-info/" not in name} == {*tracked, *ADDED} - LEFT_OUT


def test_scripts_stay_executable(sdist: tarfile.TarFile) -> None:
    (script,) = [member for member in sdist.getmembers() if member.name.endswith("/scripts/bootstrap.sh")]

    assert script.mode & 0o111

"""What README and docs/ say works, works: see `Reader`."""

import shutil

import pytest

from tests.docs.clone import make_clone
from tests.docs.follow import Reader
from tests.docs.pages import PAGES, ROOT
from tests.stacks import on_modern_stack

# Read by everybody before the others: they make the data and a first model.
FIRST = ["README.md", "docs/data.md"]


@pytest.fixture(scope="module")
def first_pages(tmp_path_factory):
    """A clone after the first pages, and what did not work there."""
    directory = make_clone(tmp_path_factory.mktemp("clone"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        failures = {page: Reader(page, (ROOT / page).read_text(encoding="utf-8")).follow() for page in FIRST}
        mine = [("text", "training_configs/sst/vanilla.jsonnet"), ("pairs", "training_configs/snli/vanilla.jsonnet")]
        for name, config in mine:
            assert not Reader("mine", f"\n    allennlp train {config} -s mine/{name}").follow()
    return directory, failures


@pytest.fixture()
def clone(first_pages, tmp_path, monkeypatch):
    directory = tmp_path / "clone"
    shutil.copytree(str(first_pages[0]), str(directory), symlinks=True)
    monkeypatch.chdir(directory)


@pytest.mark.parametrize("page", FIRST)
def test_first_page(page, first_pages):
    assert "\n".join(first_pages[1][page]) == ""


@on_modern_stack
@pytest.mark.parametrize("page", [page for page in PAGES if page not in FIRST])
def test_page(page, clone):
    failures = Reader(page, (ROOT / page).read_text(encoding="utf-8")).follow()

    assert "\n".join(failures) == ""

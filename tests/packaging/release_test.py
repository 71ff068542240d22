"""The version is the same wherever a release says it."""

import re
from pathlib import Path

import yaml

import attention_vat

ROOT = Path(__file__).parents[2]


def test_the_citation_and_the_changes_are_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## \[(.*?)\](?: - (\d{4}-\d\d-\d\d))?$", changes, re.M)

    assert sections[0] == ("Unreleased", "")
    assert sections[1] == (attention_vat.__version__, citation["date-released"])
    assert citation["version"] == attention_vat.__version__


def test_changes_have_a_kind() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert {*re.findall(r"^### (.*)$", changes, re.M)} <= {
        "Added",
        "Changed",
        "Deprecated",
        "Removed",
        "Fixed",
        "Security",
    }

"""What watches over the repository: workflows, forms, and checks before a commit."""

import re
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps_of(workflow: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


def makefile_targets() -> List[str]:
    return re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_commands_of_workflows_are_targets_of_the_makefile(path: Path) -> None:
    commands = [step["run"].split() for step in steps_of(read(path)) if "run" in step]

    assert commands or path.stem == "docs"
    for command in commands:
        assert command[0] == "make"
        assert command[1] in makefile_targets()


def test_workflows_have_limits_and_few_rights() -> None:
    assert len(WORKFLOWS) == 5
    for path in WORKFLOWS:
        workflow = read(path)
        assert workflow["permissions"] == {"contents": "read"}
        assert all("timeout-minutes" in job for name, job in workflow["jobs"].items() if name != "deploy")


def test_all_claimed_versions_of_python_are_tested() -> None:
    claimed = re.findall(r"Python :: (3\.\d+)", (ROOT / "setup.py").read_text(encoding="utf-8"))
    tested = read(ROOT / ".github" / "workflows" / "tests.yml")["jobs"]["test"]["strategy"]["matrix"]["include"]
    bootstrap = (ROOT / "scripts" / "bootstrap.sh").read_text(encoding="utf-8")
    versions = dict(re.findall(r'^    (\w+)\)\n +versions="([\d. ]+)"', bootstrap, re.M))

    assert {each["python"] for each in tested} == {*claimed}
    assert {each["os"].split("-")[0] for each in tested} == {"ubuntu", "macos"}
    assert all(each["python"] in versions[each["stack"]].split() for each in tested)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_forms_ask(path: Path) -> None:
    form = read(path)
    if path.stem == "config":
        assert form == {"blank_issues_enabled": False}
        return

    assert form["name"] and form["description"]
    assert any(item.get("validations", {}).get("required") for item in form["body"])


def test_checks_before_a_commit_have_the_versions_of_the_lock() -> None:
    lock = (ROOT / "requirements" / "modern.txt").read_text(encoding="utf-8")
    repos = {repo["repo"].rpartition("/")[2]: repo for repo in read(ROOT / ".pre-commit-config.yaml")["repos"]}

    assert f"\nruff=={repos['ruff-pre-commit']['rev'][1:]}\n" in lock
    assert {hook["id"] for repo in repos.values() for hook in repo["hooks"]} >= {
        *("ruff", "ruff-format", "mypy", "codespell")
    }

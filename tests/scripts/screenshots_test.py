import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from attention_vat.reports import write_report
from scripts.browser import Browser, find_browser
from tests.interpret.made_up import evaluations

ROOT = Path(__file__).resolve().parents[2]
needs_browser = pytest.mark.skipif(find_browser() is None, reason="needs Chromium or Chrome")


def take(*arguments, **kwargs):
    command = [sys.executable, "-m", "scripts.screenshots", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, cwd=ROOT, **kwargs)


@needs_browser
def test_pictures_have_the_size_that_was_asked_for(tmp_path):
    write_report(tmp_path / "report.html", {"a": evaluations(5)[0]})
    assert take(tmp_path / "report.html", tmp_path / "page.png", "--width", 700, "--height", 500).returncode == 0
    assert take(tmp_path / "report.html", tmp_path / "phone.png", "--phone", "--dark").returncode == 0
    page, phone = Image.open(tmp_path / "page.png").convert("L"), Image.open(tmp_path / "phone.png").convert("L")
    assert (page.size, phone.size) == ((700, 500), (780, 1688))
    # The corner is the page's background.
    assert page.getpixel((1, 1)) > 230
    assert phone.getpixel((1, 1)) < 40


@needs_browser
def test_a_part_reaches_beyond_the_window(tmp_path):
    style = "margin: 0; width: 50px; height: 2000px; background: red"
    (tmp_path / "page.html").write_text(f"<body><div style='height: 3000px'></div><p style='{style}'>")
    with Browser() as browser:
        browser.look(300, 200)
        browser.open(tmp_path / "page.html")
        browser.picture(tmp_path / "part.png", "p")
    part = Image.open(tmp_path / "part.png").convert("RGB")
    assert part.size == (50, 2000)
    assert part.getpixel((25, 1990)) == (255, 0, 0)


@needs_browser
def test_the_browser_tells_what_went_wrong(tmp_path):
    (tmp_path / "page.html").write_text("<title>é</title><script>console.log('hello', 1); missing()</script>")
    with Browser() as browser:
        browser.open(tmp_path / "page.html", "#there")
        assert browser.run("document.title + location.hash") == "é#there"
        assert browser.run("new Promise((done) => setTimeout(() => done([1, 'x']), 10))") == [1, "x"]
        with pytest.raises(RuntimeError, match="nothing is not defined"):
            browser.run("nothing")
        with pytest.raises(RuntimeError, match="No.such"):
            browser.send("No.such")
    assert browser.messages[0] == "hello 1"
    assert "missing is not defined" in browser.messages[1]


def test_without_a_report_or_a_browser(tmp_path, monkeypatch):
    done = take(tmp_path / "report.html", tmp_path / "page.png")
    assert done.returncode == 1
    assert done.stderr.strip() == f"screenshots: there is no report {tmp_path / 'report.html'}."
    (tmp_path / "report.html").write_text("")
    done = take(tmp_path / "report.html", tmp_path / "page.png", env={"PATH": str(tmp_path)})
    assert done.stderr.strip() == (
        "screenshots: Chromium or Chrome was not found; install one, or set CHROMIUM to its path."
    )

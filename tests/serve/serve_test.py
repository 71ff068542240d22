"""The page in a real browser, served as by the command."""

import json
import socket
import threading
from queue import Queue

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.explanation import load_explainers
from attention_vat.serve import serve
from attention_vat.serve.serve import choices_of
from scripts.browser import Browser, find_browser
from tests.commands.evaluate_attention_test import make_archive

SENTENCES = [{"id": "a", "tokens": ["w1", "w2", "w3"], "label": "1"}, {"id": "b", "tokens": ["w4"], "label": "0"}]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "test.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in SENTENCES), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archives")
    return [make_archive(folder / name, seed) for seed, name in enumerate(["plain", "ivat"])]


@pytest.fixture(scope="module")
def address(archives, data):
    addresses = Queue()
    arguments = {"data": data, "port": 0, "started": addresses.put}
    threading.Thread(target=serve, args=(archives,), kwargs=arguments, daemon=True).start()
    return addresses.get(timeout=120)


@pytest.fixture
def page(address):
    if find_browser() is None:
        pytest.skip("needs Chromium or Chrome")
    with Browser() as browser:
        browser.look(width=1000)
        browser.open(address)
        yield browser
        assert browser.messages == []


def after(page, action):
    """Acts, and waits for the answer."""
    page.run(
        "{%s} new Promise((done) => { const wait = () => document.getElementById('status').textContent "
        "? setTimeout(wait, 20) : done(); wait(); })" % action
    )


def pick(page, number):
    after(page, f"const choice = document.getElementById('choice'); choice.value = '{number}'; "
          "choice.dispatchEvent(new Event('change'));")  # fmt: skip


def probs(page, model=0):
    shown = page.run(
        f"[...document.querySelectorAll('article')[{model}].querySelectorAll('.classes > span:nth-child(3n)')]"
        ".map((span) => span.textContent)"
    )
    return shown


def words(page):
    return page.run(
        "[...document.querySelectorAll('article')[0].querySelectorAll('.word bdi')].map((w) => w.textContent)"
    )


def test_type_remove_and_move(page, archives):
    explainer = load_explainers(archives[:1])[0]
    after(page, "document.getElementById('text').value = 'w1 w2 w3'; document.querySelector('[type=submit]').click();")
    assert page.run("[...document.querySelectorAll('h2')].map((h) => h.textContent)") == ["plain", "ivat"]
    assert words(page) == ["w1", "w2", "w3"]
    before = sorted(explainer.explain({"sentence": "w1 w2 w3"}).probs, reverse=True)
    assert probs(page) == [f"{value:.3f}" for value in before]

    page.run("document.querySelectorAll('.word')[1].click()")
    after(page, "const slider = document.querySelector('[type=range]'); slider.value = 5; "
          "slider.dispatchEvent(new Event('change'));")  # fmt: skip
    moved = explainer.explain({"sentence": "w1 w2 w3"}, {1: 5.0}).probs
    assert [float(text.split()[0]) for text in probs(page)] == pytest.approx(sorted(moved, reverse=True), abs=5e-4)
    assert page.run("document.getElementById('changed').textContent").strip().startswith("Scores are moved.")

    after(
        page, "[...document.querySelectorAll('.tools button')].find((b) => b.textContent.startsWith('Remove')).click();"
    )
    assert words(page) == ["w1", "w3"]
    rest = explainer.explain({"sentence": "w1 w3"}).probs
    assert [float(text.split()[0]) for text in probs(page)] == pytest.approx(sorted(rest, reverse=True), abs=5e-4)
    assert "Removed: w2." in page.run("document.getElementById('changed').textContent")

    after(page, "document.getElementById('restore').click();")
    assert words(page) == ["w1", "w2", "w3"] and page.run("document.getElementById('changed').hidden")


def test_pick_a_text(page):
    pick(page, 1)
    assert words(page) == ["w4"]
    assert page.run("document.getElementById('gold').textContent") == "Label in the file: 0"
    page.run("document.getElementById('below').value = 'alone'; "
             "document.getElementById('below').dispatchEvent(new Event('change'))")  # fmt: skip
    strip = page.run("document.querySelector('.word i').style.getPropertyValue('--b')")
    shown = page.run("document.querySelector('.word').title").split("alone: 1 ")[1].split(",")[0]
    assert float(strip) == pytest.approx(float(shown), abs=1e-3)


def test_an_error_goes_away_with_the_next_text(page):
    after(page, "document.getElementById('text').value = ' '; document.querySelector('[type=submit]').click();")
    assert page.run("document.getElementById('error').textContent") == "The text has no words; type some."
    page.messages.clear()  # the browser notes that an answer was an error
    after(page, "document.getElementById('text').value = 'w1'; document.querySelector('[type=submit]').click();")
    assert words(page) == ["w1"]
    assert page.run("document.getElementById('error').hidden")


def test_choices(archives, data):
    found = choices_of(load_explainers(archives[:1])[0], data)
    assert [tuple(choice) for choice in found] == [("w1 w2 w3", "", "1"), ("w4", "", "0")]


def test_a_port_that_is_taken(archives):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            ConfigurationError, match=f"Port {port} of 127.0.0.1 is taken; choose another one with --port"
        ):
            serve(archives[:1], port=port)
    with pytest.raises(ConfigurationError, match="--port is 70000, but must be from 0 to 65535"):
        serve(archives[:1], port=70000)
    with pytest.raises(ConfigurationError, match="There is no data file missing.jsonl"):
        serve(archives[:1], data="missing.jsonl")

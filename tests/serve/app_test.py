import json
import sys

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.explanation import load_explainers
from attention_vat.serve import make_app
from attention_vat.serve.app import MOST_WORDS, Choice
from tests.commands.evaluate_attention_test import make_archive


@pytest.fixture(scope="module")
def explainers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archives")
    return load_explainers([make_archive(folder / name, seed) for seed, name in enumerate(["plain", "ivat"])])


@pytest.fixture(scope="module")
def client(explainers):
    return make_app(explainers, [Choice("w1 <b>", label='"0"')]).test_client()


def test_models_side_by_side(client, explainers):
    answer = client.post("/explain", json={"text": "w1 w2 w3", "shifts": {"ivat": {"1": 2}}}).get_json()
    plain, ivat = answer["models"]
    expected = explainers[1].explain({"sentence": "w1 w2 w3"}, {1: 2.0})
    assert ivat == {**json.loads(json.dumps(expected._asdict())), "label": expected.label, "movable": True}
    # The scores of the other model stay.
    assert plain["probs"] == explainers[0].explain({"sentence": "w1 w2 w3"}).probs
    words = client.post("/explain", json={"text": ["w1", "w2", "w3"]}).get_json()
    assert words["models"][0] == plain


@pytest.mark.parametrize(
    "content, message",
    [
        ({}, 'needs a "text"'),
        ([], 'needs a "text"'),
        ({"text": 3}, 'needs a "text"'),
        ({"text": ["w1", 3]}, 'needs a "text"'),
        ({"text": "  "}, "text has no words"),
        ({"text": "w1 " * (MOST_WORDS + 1)}, f"has {MOST_WORDS + 1} words; the page takes up to {MOST_WORDS}"),
        ({"text": "w1", "query": "w2"}, "reads one text"),
        ({"text": "w1", "shifts": {"plain": {"7": 1}}}, "There is no word 7"),
        ({"text": "w1", "shifts": {"plain": {"0": "x"}}}, '"shifts" must be'),
        ({"text": "w1", "shifts": [3]}, '"shifts" must be'),
        ({"text": "w1", "shifts": {"plain": {"0": float("inf")}}}, '"shifts" must be'),
    ],
)
def test_what_the_page_does_not_send(client, content, message):
    answer = client.post("/explain", data=json.dumps(content), content_type="application/json")
    assert answer.status_code == 400
    assert message in answer.get_json()["error"]


def test_only_this_machine_and_only_json(client):
    assert client.get("/", headers={"Host": "127.0.0.1:8000"}).status_code == 200
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 403
    assert client.post("/explain", data='{"text": "w1"}', content_type="text/plain").status_code == 415
    assert client.post("/explain", data=b"x" * 300_000, content_type="application/json").status_code == 413


def test_the_page_has_no_markup_of_texts(client):
    page = client.get("/").get_data(as_text=True)
    assert "w1 &lt;b&gt;" in page and 'data-label="&#34;0&#34;"' in page and "<b>" not in page
    assert "default-src 'none'" in page and "connect-src 'self'" in page


def test_without_flask(explainers, monkeypatch):
    monkeypatch.setitem(sys.modules, "flask", None)
    with pytest.raises(ConfigurationError, match="--serve needs Flask .*; run `pip install flask`"):
        make_app(explainers)

import re

from scripts.terminal_picture import picture_of
from tests.commands.evaluate_attention_test import archive  # noqa: F401


def test_picture(archive, monkeypatch):  # noqa: F811
    monkeypatch.setenv("COLORFGBG", "0;15")
    svg = picture_of(str(archive), ["w1 w2", "w3"])
    assert svg.startswith("<svg")
    # In SVG a blank is a no-break space; a long path breaks the line.
    assert "w1 w2" in " ".join(re.sub("<[^>]*>", "", svg).replace("&#160;", " ").split())
    assert "@font-face" not in svg
    assert set(re.findall(r"https?://[^\s\"<]*", svg)) <= {"http://www.w3.org/2000/svg", "https://www.textualize.io"}

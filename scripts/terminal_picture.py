#!/usr/bin/env python
"""
Draws what `allennlp attention` shows, for the documentation:

    python scripts/terminal_picture.py output/vanilla/model.tar.gz docs/images/terminal.svg \
        "A film that is anything but dull." "A dull story, but the cast is wonderful."
"""

import argparse
import io
import os
import re
from pathlib import Path
from typing import Any, Dict, List

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from attention_vat.commands.attention import predict_lines
from attention_vat.reports.terminal import legend, print_prediction

THEME = TerminalTheme((24, 26, 30), (233, 234, 237), [(24, 26, 30)] + [(233, 234, 237)] * 7)


def picture_of(archive: str, sentences: List[str], width: int = 78) -> str:
    """
    Returns the terminal as SVG, without the web fonts that rich refers to.

    # Parameters

    archive : `str`
    sentences : `List[str]`
    width : `int`, optional (default = `78`)
        In characters.
    """
    # Draw a dark terminal, whatever the current one is.
    os.environ["COLORFGBG"] = "15;0"
    options: Dict[str, Any] = {"force_terminal": True, "color_system": "truecolor", "legacy_windows": False}
    console = Console(record=True, width=width, file=io.StringIO(), **options)
    for sentence, predictions in zip(sentences, predict_lines([archive], sentences)):
        console.print(f'$ allennlp attention {archive} "{sentence}"', style="dim", highlight=False, overflow="fold")
        for prediction in predictions.values():
            print_prediction(console, prediction)
        console.print()
    console.print(legend(console))
    svg = console.export_svg(title="allennlp attention", theme=THEME)
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive")
    parser.add_argument("picture")
    parser.add_argument("sentences", nargs="+")
    args = parser.parse_args()
    Path(args.picture).write_text(picture_of(args.archive, args.sentences), encoding="utf-8")

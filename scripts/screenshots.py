"""
Takes a screenshot of a report, or of a part of it, in Chromium or Chrome. For the documentation:

    make train
    allennlp evaluate-attention runs/example/1/vanilla-0/model.tar.gz fixtures/example/test.jsonl --measures all \\
        --compare runs/example/1/attention_ivat_semi_supervised-0/model.tar.gz --output-dir output/evaluation
    python -m scripts.screenshots runs/example/1/report.html docs/images/report.png --height 2360
    python -m scripts.screenshots output/evaluation/report.html docs/images/report-pictures.png \\
        --select ".pictures:nth-of-type(2)"
    python -m scripts.screenshots output/evaluation/report.html docs/images/report-robustness.png \\
        --select ".pictures:nth-of-type(5)"
    python -m scripts.screenshots output/evaluation/report.html docs/images/report-phone.png --phone --dark
"""

import argparse
import sys
from pathlib import Path

from scripts.browser import Browser


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path, help="report.html")
    parser.add_argument("picture", type=Path, help="the PNG file to write")
    parser.add_argument("--width", type=int, default=1100, help="width of the window in CSS pixels")
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--phone", action="store_true", help="390 by 844 CSS pixels, at a scale of 2")
    parser.add_argument("--dark", action="store_true", help="use dark colours")
    parser.add_argument("--select", metavar="CSS", help="only the first element that this selector matches")
    parser.add_argument("--show", metavar="CHOICE", default="", help="fragment of the address, such as #filter=wrong")
    arguments = parser.parse_args()
    if not arguments.report.exists():
        sys.exit(f"screenshots: there is no report {arguments.report}.")
    try:
        with Browser() as browser:
            if arguments.phone:
                browser.look(390, 844, arguments.dark, scale=2)
            else:
                browser.look(arguments.width, arguments.height, arguments.dark)
            browser.open(arguments.report, arguments.show)
            if arguments.phone and not arguments.select:
                # On a phone, the sentences make up most of the page.
                browser.run("document.getElementById('list').scrollIntoView()")
            browser.picture(arguments.picture, arguments.select)
    except RuntimeError as error:
        sys.exit(f"screenshots: {error}")


if __name__ == "__main__":
    main()

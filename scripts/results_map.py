"""
Draws docs/images/map.png, the map in README of what each technique changes, from the committed results.

    python scripts/results_map.py
"""

from pathlib import Path

import pandas

from attention_vat.experiments.effects import effects
from attention_vat.experiments.map import write_map
from attention_vat.reproduction import results_frame

ROOT = Path(__file__).parents[1]
MEASURES = ("f1", "pearson")
MODELS = (
    "Word AT",
    "Word VAT",
    "Word iVAT",
    "Attention RP",
    "Attention AT",
    "Attention VAT",
    "Attention iVAT",
    "Word VAT †",
    "Attention VAT †",
    "Attention iVAT †",
    "Tying",
    "Tying + Word AT",
)
# A column, and where its rows come from: each is compared with the plain model of its own experiment.
COLUMNS = (
    ("SST, 250 labels", "map", "SST, 250 labels", MODELS),
    ("SST, 1,000 labels", "map_1000", "SST, 1,000 labels", MODELS),
    ("SST, all labels", "sst", "sst", MODELS),
    ("SST, all labels", "word_level_readable", "sst", ("Tying", "Tying + Word AT")),
    ("IMDB, 1,000 labels", "word_level_imdb", "imdb", MODELS),
    ("IMDB, all labels", "imdb_plain_seeds", "imdb", MODELS),
    ("AG News, 500 labels", "map_1000", "AG News, 500 labels", MODELS),
    ("AG News", "ag_news", "ag_news", ("Attention AT", "Attention VAT †", "Attention iVAT †")),
    ("AG News", "word_level_ag_news", "ag_news", ("Word AT", "Attention VAT", "Tying", "Tying + Word AT")),
)


def all_effects() -> pandas.DataFrame:
    """Returns the effects of all columns in one frame."""
    parts = []
    for name, folder, setting, models in COLUMNS:
        frame = results_frame(ROOT / "docs" / "results" / folder)
        found = effects(frame[(frame.setting == setting) & frame.measure.isin(MEASURES)])
        parts.append(found[found.model.isin(models)].assign(setting=name))
    return pandas.concat(parts).sort_values("measure", kind="stable")


if __name__ == "__main__":
    for svg in write_map(all_effects(), ROOT / "docs" / "images", MODELS):
        # Pages show only the PNG file.
        svg.unlink()
        print(svg.with_suffix(".png"))

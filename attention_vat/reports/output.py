"""The files of an evaluation, written completely or not at all."""

import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, Dict, Iterator, Optional, Sequence, Union

from allennlp.common.checks import ConfigurationError

from attention_vat.common.whole_file import writing
from attention_vat.interpret.rationales.eraser import write_predictions
from attention_vat.interpret.results import AttentionEvaluation, as_json
from attention_vat.plots import save_svg
from attention_vat.reports.comparison import compare_with_first, holm_adjusted
from attention_vat.reports.figures import KINDS, Figure, figures
from attention_vat.reports.html import write_report

METRICS = "metrics.json"
REPORT = "report.html"
PLOTS = "plots"
_ASIDE = ".evaluation-"
INSTANCES, PREDICTIONS = "instances", "eraser"
# Files that an earlier evaluation of more models or more measures may have left.
_OURS = (
    *(f"{stem}{which}.jsonl" for stem in (INSTANCES, PREDICTIONS) for which in ("", ".compare", ".compare-[0-9]*")),
    *(f"{PLOTS}/{kind}-*.svg" for kind in KINDS),
)


def check_output_dir(output_dir: Union[str, PathLike], force: bool = False) -> None:
    """
    Checks the output directory before any work.

    # Parameters

    output_dir : `Union[str, PathLike]`
        Must be missing or empty, unless `force` is given; leftovers of a killed `write_evaluation` do not count. It is
        not created.
    force : `bool`, optional (default = `False`)

    Raises `ConfigurationError` otherwise, or if files cannot be written there.
    """
    path = Path(output_dir)
    try:
        if path.exists() and not path.is_dir():
            raise ConfigurationError(f"The output directory {path} is a file; choose another one.")
        # The leftovers of a killed run are not an earlier evaluation.
        if not force and path.exists() and any(not place.name.startswith(_ASIDE) for place in path.iterdir()):
            raise ConfigurationError(
                f"The output directory {path} is not empty; choose another one, or add --force to replace the files of "
                "an earlier evaluation in it."
            )
        _try_to_write(path)
    except OSError as error:
        raise ConfigurationError(
            f"The output directory {path} cannot be written ({error.strerror}); choose another one."
        ) from error


def _try_to_write(path: Path) -> None:
    existing = next(place for place in (path, *path.absolute().parents) if place.exists())
    if not existing.is_dir():
        raise ConfigurationError(
            f"The output directory {path} is below {existing}, which is a file; choose another one."
        )
    # Permissions are not enough: the file system may be read-only.
    with tempfile.TemporaryFile(dir=existing):
        pass


def write_evaluation(
    output_dir: Union[str, PathLike],
    results: Dict[str, AttentionEvaluation],
    title: str = "Attention report",
    data: Optional[str] = None,
    force: bool = False,
    eraser_data: Optional[Union[str, PathLike]] = None,
) -> None:
    """
    Writes `metrics.json`, `report.html`, one line per sentence into `instances.jsonl` (for a second model into
    `instances.compare.jsonl`, for a third one into `instances.compare-3.jsonl`), and the pictures of the report as SVG
    into `plots/`. They are written aside and moved once all are complete; other files in the directory stay.

    # Parameters

    output_dir : `Union[str, PathLike]`
    results : `Dict[str, AttentionEvaluation]`
        Models by name, on the same sentences. All others are compared with the first one.
    title : `str`, optional
        The title of the report.
    data : `str`, optional
        The name of the sentences in the report.
    force : `bool`, optional (default = `False`)
        Write into a directory that is not empty.
    eraser_data : `Union[str, PathLike]`, optional (default = `None`)
        The file that was evaluated, to write ERASER's `eraser.jsonl` as well (for other models `eraser.compare.jsonl`
        and so on); see `attention_vat.interpret.rationales.eraser.write_predictions`.

    Raises `ConfigurationError` as `check_output_dir` does.
    """
    check_output_dir(output_dir, force)
    remedy = "no file of an earlier evaluation was changed; free some space, or choose another directory"
    with writing(output_dir, remedy), _moved_together(Path(output_dir)) as aside:
        (aside / METRICS).write_text(json.dumps(metrics_of(results, data), indent=2) + "\n", encoding="utf-8")
        for number, evaluation in enumerate(results.values(), start=1):
            # Half a surrogate pair cannot be encoded as UTF-8, but its escape is valid JSON.
            with open(aside / _file_of(INSTANCES, number), "w", encoding="utf-8", errors="backslashreplace") as file:
                for sentence in evaluation.sentences:
                    file.write(json.dumps(as_json(sentence), ensure_ascii=False) + "\n")
        if eraser_data is not None:
            for number, evaluation in enumerate(results.values(), start=1):
                write_predictions(aside / _file_of(PREDICTIONS, number), evaluation, eraser_data)
        pictures = figures(results)
        write_plots(aside / PLOTS, pictures)
        write_report(aside / REPORT, results, title, data, pictures)


def write_plots(directory: Union[str, PathLike], pictures: Sequence[Figure]) -> None:
    """
    Writes each chart as an SVG file, for papers and slides.

    # Parameters

    directory : `Union[str, PathLike]`
        Created if missing.
    pictures : `Sequence[Figure]`
        The result of `attention_vat.reports.figures.figures`.

    # Examples

        write_plots("plots", figures(results))
    """
    for picture in pictures:
        for number, (svg, _) in enumerate(picture.panels, start=1):
            name = f"{picture.name}-{number}.svg" if len(picture.panels) > 1 else f"{picture.name}.svg"
            save_svg(svg, Path(directory) / name)


def metrics_of(results: Dict[str, AttentionEvaluation], data: Optional[str] = None) -> Dict[str, Any]:
    """
    The contents of `metrics.json`. Two models have `differences`, by measure. More models have `comparisons` instead:
    the differences of each from the first one, by its name and by measure, with `p_holm`.
    """
    evaluations = list(results.values())
    content: Dict[str, Any] = {"data": data, "sentences": len(evaluations[0].sentences), "models": {}}
    for name, evaluation in results.items():
        content["models"][name] = evaluation.numbers_as_json()
    comparisons = compare_with_first(results)
    adjusted = holm_adjusted(comparisons)
    of_models = {
        name: {metric: difference._asdict() for metric, difference in differences.items()}
        for name, differences in comparisons.items()
    }
    if len(of_models) == 1:
        (content["differences"],) = of_models.values()
    elif of_models:
        for name, differences in of_models.items():
            for metric, difference in differences.items():
                difference["p_holm"] = adjusted[name][metric].p_value
        content["comparisons"] = of_models
    return content


def _file_of(stem: str, number: int) -> str:
    """The file of the first model, the second one, the third one and so on."""
    return stem + {1: "", 2: ".compare"}.get(number, f".compare-{number}") + ".jsonl"


@contextmanager
def _moved_together(directory: Path) -> Iterator[Path]:
    directory.mkdir(parents=True, exist_ok=True)
    for left in directory.glob(f"{_ASIDE}*"):
        shutil.rmtree(left, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=directory))
    try:
        yield aside
        written = sorted(path.relative_to(aside) for path in aside.rglob("*") if path.is_file())
        for path in written:
            (directory / path).parent.mkdir(exist_ok=True)
            os.replace(aside / path, directory / path)
        # Files of other models from an earlier evaluation do not belong to this one.
        for path in [path for pattern in _OURS for path in directory.glob(pattern)]:
            if path.relative_to(directory) not in written:
                path.unlink()
    finally:
        shutil.rmtree(aside, ignore_errors=True)

"""
Reads the rows of jsonl and csv files, each with its `file:line`, and checks their values.
"""

import csv
import json
from typing import Any, Dict, Iterator, List, Tuple

from allennlp.common.checks import ConfigurationError

from attention_vat.common.texts import one_line, quoted
from attention_vat.data.corpora.sources import Source


def json_rows(source: Source, name: str) -> Iterator[Tuple[str, Dict[str, Any]]]:
    """
    Yields the objects of a jsonl file.  Blank lines are skipped.  Raises a `ConfigurationError` that names a broken
    line.
    """
    for where, line in source.lines(name):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(f"{where}: is not JSON ({one_line(error)[:100]})") from error
        if not isinstance(row, dict):
            raise ConfigurationError(f"{where}: is not a JSON object")
        yield where, row


def csv_rows(source: Source, name: str, delimiter: str = ",") -> Iterator[Tuple[str, List[str]]]:
    """
    Yields the rows of a csv or tsv file, including the first line.  Blank lines are skipped.  Raises a
    `ConfigurationError` that names a broken line.
    """
    # Quotes in a tsv file are part of the text.
    options: Any = {"quoting": csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL}
    lines = (line + "\n" for _, line in source.lines(name))
    rows = csv.reader(lines, strict=True, delimiter=delimiter, **options)
    try:
        for row in rows:
            if row:
                yield f"{source.where(name)}:{rows.line_num}", row
    except csv.Error as error:
        raise ConfigurationError(f"{source.where(name)}:{rows.line_num}: is not CSV ({error})") from error


def value(where: str, row: Dict[str, Any], *keys: str, kind: Any = str) -> Any:
    """
    Returns the value of the first of these keys that a row has.  Raises a `ConfigurationError` if it has none of them,
    or if the value has another type.
    """
    for key in keys:
        if key in row:
            if not isinstance(row[key], kind) or isinstance(row[key], bool):  # a bool is an int in Python
                raise ConfigurationError(f'{where}: "{key}" has the wrong type: {quoted(row[key])}')
            return row[key]
    raise ConfigurationError(f'{where}: has no "{keys[0]}"')

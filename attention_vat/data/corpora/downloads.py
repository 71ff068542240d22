"""
Downloads that resume where they were interrupted.
"""

import errno
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError
from allennlp.common.file_utils import CACHE_DIRECTORY

from attention_vat.common.locks import locked

TIMEOUT = 60.0  # seconds without a byte
BLOCK = 2**16  # bytes; a broken connection loses less than this


def fetch(url: str) -> str:
    """
    Downloads a file into AllenNLP's cache, unless it is already in it, and returns its path.

    An incomplete file is called `….part`.  A download that was killed, or interrupted by the network or a full disk,
    resumes from it if the server supports HTTP's `Range`, and otherwise starts again.

    # Parameters

    url : `str`
        Raises a `ConfigurationError` if it cannot be downloaded.
    """
    path = Path(CACHE_DIRECTORY) / "attention_vat" / f"{sha256(url.encode()).hexdigest()[:16]}-{url.rsplit('/', 1)[-1]}"
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(f"{path}.lock"):
            if not path.exists():
                _complete(url, part)
                os.replace(part, path)
    except Exception as error:  # from requests or the disk: nothing was lost, and the remedy is nearly the same
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ConfigurationError(
                f"{url}: the disk is full ({path.parent}); free some space, or set ALLENNLP_CACHE_ROOT "
                "to another folder, and start again: the download resumes"
            ) from error
        raise ConfigurationError(
            f"{url}: cannot be downloaded ({error}); try again (it resumes), or name a local copy with --source"
        ) from error
    return str(path)


def _complete(url: str, part: Path) -> None:
    import requests

    start = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={start}-", "Accept-Encoding": "identity"} if start else {"Accept-Encoding": "identity"}
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
        if response.status_code == 416 and start == _total(response):  # killed after the last byte
            return
        response.raise_for_status()
        resumed = response.status_code == 206
        length = response.headers.get("Content-Length")
        total = (start if resumed else 0) + int(length) if length else None
        with open(part, "ab" if resumed else "wb") as file, Tqdm.tqdm(
            total=total, initial=start if resumed else 0, unit="B", unit_scale=True, desc=url.rsplit("/", 1)[-1]
        ) as progress:
            for block in response.iter_content(BLOCK):
                file.write(block)
                progress.update(len(block))
    if total is not None and part.stat().st_size != total:
        raise ConnectionError(f"the connection broke off after {part.stat().st_size:,} of {total:,} bytes")


def _total(response: Any) -> int:
    # "bytes */1234"
    total = response.headers.get("Content-Range", "").rpartition("/")[2]
    return int(total) if total.isdigit() else -1

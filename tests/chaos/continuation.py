"""Work that is killed and done again must end where undisturbed work ends."""

from pathlib import Path
from typing import Any, Callable, List, Tuple

from tests.chaos.contents import contents_of, differences
from tests.chaos.processes import Process

# Does the work in the process that it is called in, with what kills it, if anything.
Work = Callable[[Any], None]


def kill_and_continue(
    story: str, work: Work, kills: List[Tuple[str, Any]], result: Path, reference: Path, log: Path
) -> None:
    """
    Does some work again and again, killed each time, until it is done; then once more.

    # Parameters

    story : `str`
        How a message begins.
    work : `Work`
        Is given a kill, or `None`.
    kills : `List[Tuple[str, Any]]`
        With names for messages. One that is a number is a time in seconds, after which the process is killed.
    result, reference : `Path`
        Directories: what the work writes, and what it wrote undisturbed.
    log : `Path`

    Raises `AssertionError` if the work fails, if its result differs from the reference, or if work that is done changes
    when it is done again.
    """
    for name, kill in kills:
        process = Process(lambda kill=kill: work(None if isinstance(kill, float) else kill), log)  # type: ignore[misc]
        if isinstance(kill, float):
            process.kill_after(kill)
        ending = process.wait()
        if not ending.killed:
            ending.expect_success(f"{story}, not killed at {name},")
            break
        story += f", killed at {name}"
    _expect(f"{story}; after that", work, log)
    problems = differences(contents_of(reference), contents_of(result))
    assert not problems, f"{story}; differs from the undisturbed one: {problems}"
    after = contents_of(result)
    _expect(f"{story}; done again,", work, log)
    problems = differences(after, contents_of(result))
    assert not problems, f"{story}; done again, it changes: {problems}"


def _expect(story: str, work: Work, log: Path) -> None:
    Process(lambda: work(None), log).wait().expect_success(story)

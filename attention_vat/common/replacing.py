"""Putting functions of one's own in the place of somebody else's."""

import functools
from typing import Any, Callable

_Function = Callable[..., Any]


def in_place_of(name: str, *owners: Any) -> Callable[[_Function], _Function]:
    """
    The function below takes the place of `name` in the first owner, and in the others, which imported it from there. It
    is given the original before the arguments. Nothing happens if the place is taken already.

    # Parameters

    name : `str`
    owners : `Any`
        Modules or classes.

    # Examples

        @in_place_of("dump_metrics", util)
        def dump_metrics(original, file_path, metrics, **kwargs):
            original(file_path, without_nan(metrics), **kwargs)
    """

    def decorate(function: _Function) -> _Function:
        original = getattr(owners[0], name)
        if not hasattr(original, "_replaced_by_attention_vat"):

            @functools.wraps(original)
            def replacement(*args: Any, **kwargs: Any) -> Any:
                return function(original, *args, **kwargs)

            replacement._replaced_by_attention_vat = True  # type: ignore[attr-defined]
            for owner in owners:
                setattr(owner, name, replacement)
        return function

    return decorate

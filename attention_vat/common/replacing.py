"""Replaces functions of other packages."""

import functools
from typing import Any, Callable

_Function = Callable[..., Any]


def in_place_of(name: str, *owners: Any) -> Callable[[_Function], _Function]:
    """
    Decorates a function that replaces `name` in the first owner and in the others, which imported it from there. The
    function receives the original before the arguments. Does nothing if `name` has been replaced already.

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

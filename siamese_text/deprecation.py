"""A name of an earlier version goes on working and says once what it is called now."""

from __future__ import annotations

from siamese_text.warn import warn_user

_warned: set[str] = set()  # the old names that this process has been told about


def warn_renamed(old: str, new: str) -> None:
    """Warn that a name has changed, once for each old name in a process, at the line outside this package that used it.

    Args:
        old: The name as it was, such as ``Encoder.similarity``.
        new: What to write in its place.

    Examples:
        >>> import warnings
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     warnings.simplefilter("always")
        ...     warn_renamed("an_old_name", "a_new_name")
        ...     warn_renamed("an_old_name", "a_new_name")
        >>> [str(warning.message) for warning in caught]
        ['an_old_name is deprecated and goes in a later version; use a_new_name']
    """
    if old in _warned:
        return
    _warned.add(old)
    warn_user(f"{old} is deprecated and goes in a later version; use {new}", FutureWarning)

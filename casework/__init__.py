"""The rules that the public site and the desk both obey; it exists so that neither keeps its own.

Pure: standard library and python-dateutil only. Nothing here reads a file, a clock or a setting.
"""

from __future__ import annotations

__all__ = ["CaseworkError"]


class CaseworkError(Exception):
    """Base of every error of this package.

    ``message`` is one Chinese sentence (or two) for the clerk who reads it: what is wrong and what
    cures it. ``str(error)`` is the same sentence.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

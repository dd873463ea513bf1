"""Every error of this package: a code for programs and the sentence that its reader sees.

Nothing that a citizen typed is ever part of an error.
"""

from __future__ import annotations

from datetime import datetime


class IntakeError(Exception):
    """Base of all. ``sentence`` is Chinese, for the person in front of the screen."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


class NotReceived(IntakeError):  # noqa: N818 - what the citizen is told
    """A filing that was not acknowledged. ``sentence`` is the cause alone, for citizen and
    administrator: each surface adds what follows from it for its reader.

    ``certain`` is True if it was surely not stored; False if nobody knows, as when the database
    is lost during the commit. A repeat of the same form finds what was stored.
    """

    def __init__(self, code: str, sentence: str, *, certain: bool) -> None:
        super().__init__(code, sentence)
        self.certain = certain


class StoreBusy(NotReceived):
    """Another writer holds the database, or too many wait already."""


class StoreFull(NotReceived):
    """No room on the disk."""


class StoreGone(NotReceived):
    """The database cannot be reached, or cannot be read or written."""


class AnswersDiffer(IntakeError):  # noqa: N818
    """This very form was filed before, with other words."""


class NotOpen(IntakeError):  # noqa: N818
    """The session is not, or no longer, open for booking."""


class MoveForbidden(IntakeError):  # noqa: N818
    """A state that cannot follow the present one."""


class Overtaken(IntakeError):  # noqa: N818
    """Somebody did something to the case meanwhile. ``by``: a staff id, None the petitioner."""

    def __init__(self, by: str | None, kind: str, at: datetime) -> None:
        super().__init__("overtaken", "这件事刚刚有了新的进展，您的这一步没有记下，请看过再做。")
        self.by = by
        self.kind = kind
        self.at = at


class KeysMissing(IntakeError):  # noqa: N818
    """No keys, or keys that others may read. The sentence names the cure."""


class WrongPassphrase(IntakeError):  # noqa: N818
    """The passphrase, or the escrow text, does not open the key."""


class BadEnvelope(IntakeError):  # noqa: N818
    """A sealed text or file that was changed, cut short or sealed to another key."""


class SettingWrong(IntakeError):  # noqa: N818
    """A setting that cannot be used. The sentence names it and the cure."""


class StaffRefused(IntakeError):  # noqa: N818
    """What cannot be done with an account. The sentence says why, to whoever manages it."""


class VaultLocked(IntakeError):  # noqa: N818
    """The lane's private key is not in memory: somebody has to give the passphrase first."""

    def __init__(self, code: str, sentence: str, *, lane: str) -> None:
        super().__init__(code, sentence)
        self.lane = lane

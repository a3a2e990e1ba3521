"""The errors everything else is written against.

Exception
├── WorkbotError          the person can do something about it; shown as it is, in their language
│   ├── NotAllowed        this person may not do that
│   ├── Gone              what was meant no longer exists, or never did
│   ├── NotNow            nothing was changed, and the same may work later
│   │   └── TooMuch       because somebody does too much at once
│   └── Invalid           a form's values are wrong; `fields` says which and why
├── DatabaseAway          the database takes nothing at this moment; try again later
└── DeliveryError         the platform would not take a message; permanent, or try again later
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


class WorkbotError(Exception):
    """A refusal in plain words: an English message with `{named}` values, translated at the edge."""

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(message.format(**values) if values else message)
        self.message = message
        self.values = values


class NotAllowed(WorkbotError):
    """The person is known, and may not do this."""


class Gone(WorkbotError):
    """The thing does not exist, or not any more."""


class NotNow(WorkbotError):
    """Nothing was changed: what was wanted cannot be done at this moment, and may work `after` a while."""

    def __init__(self, message: str, /, *, after: timedelta = timedelta(seconds=10), **values: object) -> None:
        super().__init__(message, **values)
        self.after = after


class TooMuch(NotNow):
    """So much at once is taken from nobody."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field: a message to translate, and its values."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)


class Invalid(WorkbotError):
    """Values of a form that cannot be taken, by field name."""

    def __init__(self, fields: Mapping[str, Problem]) -> None:
        super().__init__("Please look at the marked fields again.")
        self.fields = fields


class DatabaseAway(Exception):
    """The database takes nothing at this moment, and went on so for as long as somebody can be kept waiting.

    `reason` says why, in plain English words without an address, for those who watch over the app. Nothing was
    changed, unless it is `doubtful`: then the connection was lost at the very end, and the change may be there.
    """

    def __init__(self, reason: str, *, doubtful: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.doubtful = doubtful


class DeliveryError(Exception):
    """The platform did not take a message.

    `permanent` means that the address takes nothing from us. `rejected` means that this message is what is
    wrong: no other try will help it, and the address takes others. `throttled` means that we were too fast, and
    `retry_after` how long the lane is to wait. `doubtful` means that it may have been taken all the
    same: the answer was lost on its way.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        rejected: bool = False,
        throttled: bool = False,
        retry_after: timedelta | None = None,
        doubtful: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.rejected = rejected
        self.throttled = throttled or retry_after is not None
        self.retry_after = retry_after
        self.doubtful = doubtful

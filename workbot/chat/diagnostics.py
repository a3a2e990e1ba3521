"""What `workbot doctor` finds out alike of every chat: whose clock is off, and whose accounts cannot be linked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from email.utils import parsedate_to_datetime

from sqlmodel import Session

from workbot.clock import SystemClock
from workbot.i18n import Language
from workbot.people import unlinked
from workbot.platforms import Diagnostic

# What is signed, and what a token is good for, is five minutes off at most.
WORRYING, HARMFUL = timedelta(seconds=30), timedelta(minutes=4)
MOST_NAMED = 8


def clock(date: str, whose: str, harm: str, lang: Language) -> Diagnostic:
    """How far this machine's clock is from that of who sent a `Date` header; raises ValueError where it is none.

    `whose` names them, and `harm` says what is refused of a clock that is too far off.
    """
    return judged(parsedate_to_datetime(date) - SystemClock().now(), whose, harm, lang)


def judged(skew: timedelta, whose: str, harm: str, lang: Language) -> Diagnostic:
    """Whether a clock is off by so much that it does harm, or soon will."""
    if abs(skew) < WORRYING:
        return Diagnostic(lang("This machine’s clock is {whose}’s.", whose=whose))
    text = lang(
        "This machine’s clock is {seconds} seconds off {whose}’s. Let it keep time by the network (NTP): {harm}",
        seconds=lang.number(round(abs(skew.total_seconds()))),
        whose=whose,
        harm=harm,
    )
    return Diagnostic(text, "fail" if abs(skew) >= HARMFUL else "warning")


def unread_clock(whose: str, reason: str, lang: Language) -> Diagnostic:
    """Whose clock could not be read, and why."""
    text = lang("{whose}’s clock could not be read ({reason}).", whose=whose, reason=reason)
    return Diagnostic(text, "warning")


def unlinked_accounts(session: Session, *, platform: str, title: str, lang: Language) -> list[Diagnostic]:
    """Whose accounts bear an address of ours and cannot be linked, by why; people call the platform by its `title`."""
    return [
        Diagnostic(
            lang.plural(
                "The {platform} account of {count} person cannot be linked ({reason}): {names}.",
                "The {platform} accounts of {count} people cannot be linked ({reason}): {names}.",
                len(names),
                platform=title,
                reason=reason,
                names=some(names),
            ),
            "warning",
        )
        for reason, names in unlinked(session, platform, lang)
    ]


def some(names: Sequence[str]) -> str:
    """Names in a line, not more than one reads."""
    return ", ".join([*names[:MOST_NAMED], *(["…"] if len(names) > MOST_NAMED else [])])

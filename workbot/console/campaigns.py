"""Delivery as people follow it: what became of each campaign, what is in doubt, and how fast the lanes go.

Of a card only its title is ever shown here, and that only where its feature permits it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session, col, func, select
from starlette.responses import Response

from workbot import features
from workbot.cards import load
from workbot.console.access import Viewer
from workbot.console.page_context import PageContext, go
from workbot.console.people import platform_name
from workbot.console.reasons import why
from workbot.console.surveys import Rate, rate_of
from workbot.delivery import Campaign, Message, State, campaigns, disclosure_of
from workbot.delivery.campaigns import Failure, Funnel
from workbot.delivery.models import RateState, is_in
from workbot.errors import Gone, WorkbotError
from workbot.i18n import N_, Language
from workbot.people import Channel, Person
from workbot.platforms import Platform
from workbot.pulse import Wave

CAMPAIGNS_SHOWN = 20
DOUBTS_SHOWN = 50
CAUSES_SHOWN = 6
# No database counts further; an address may.
HIGHEST_ID = 2**31 - 1
SETTLED = N_("This message has been settled meanwhile. Nothing was changed.")


async def listing(visit: PageContext) -> Response:
    return await _page(visit)


async def retry(visit: PageContext) -> Response:
    """Queue again what failed of a campaign."""
    return await _do(visit, _retry, visit.request.path_params["key"], done="queued-again")


async def act(visit: PageContext) -> Response:
    """Settle a message in doubt: send it again, or let it be."""
    name, message = visit.request.path_params["verb"], visit.request.path_params["id"]
    if name not in VERBS or message > HIGHEST_ID:
        raise Gone("The console has no such page.")
    return await _do(visit, VERBS[name], message, done=DONE_WORDS[name])


async def _do(visit: PageContext, verb: Callable[..., None], what: str | int, *, done: str) -> Response:
    """Change what is on the page; a refusal gives the page back as it is now."""
    try:
        await visit.change(verb, what, by=visit.viewer.person.id, now=visit.now)
    except Gone:
        raise
    except WorkbotError as error:
        return await _page(visit, refusal=visit.said(error))
    return go("/console/campaigns", done=done)


async def _page(visit: PageContext, refusal: str = "") -> Response:
    view = await visit.read(view_of, visit.viewer, visit.host.platforms, visit.lang, now=visit.now)
    known = {"anchor": anchor, "platform_name": platform_name, "why": why}
    return await visit.page("campaigns.html", status=409 if refusal else 200, view=view, refusal=refusal, **known)


def _retry(session: Session, key: str, *, by: UUID, now: datetime) -> None:
    if session.get(Campaign, key) is None:
        raise Gone("There is no such campaign.")
    if not campaigns.retry_failed(session, key, by=by, now=now):
        raise WorkbotError("Nothing of this campaign is left to send again.")


def _resend(session: Session, message: int, *, by: UUID, now: datetime) -> None:
    if not campaigns.resend(session, message, by=by, now=now):
        raise WorkbotError(SETTLED)


def _dismiss(session: Session, message: int, *, by: UUID, now: datetime) -> None:
    if not campaigns.dismiss(session, message, by=by, now=now):
        raise WorkbotError(SETTLED)


VERBS = {"resend": _resend, "let-be": _dismiss}
DONE_WORDS = {"resend": "resent", "let-be": "let-be"}


@dataclass(frozen=True)
class Bar:
    """One count of a campaign: how long its bar is, in percent of all messages, and how it looks."""

    label: str
    said: str
    length: float
    tone: str


@dataclass(frozen=True)
class Cause:
    """Why messages of a campaign did not arrive, in a sentence, and how many for that."""

    sentence: str
    platform: str
    count: int


@dataclass(frozen=True)
class Standing:
    """A campaign as its card shows it: how far its messages came, and what became of the others.

    `hidden_until` is how many answers there must be before reading is shown; 0 where it may be, or never may, because
    who looks is none of its survey's readers (`is_readable`).
    """

    funnel: Funnel
    path: str
    hidden_until: int
    is_readable: bool
    way: Sequence[Bar]
    rest: Sequence[Bar]
    causes: Sequence[Cause]

    @property
    def campaign(self) -> Campaign:
        return self.funnel.campaign


@dataclass(frozen=True)
class Doubt:
    """A message that may have arrived, and waits for a person's choice."""

    id: int
    recipient: str
    title: str
    platform: str
    reason: str


@dataclass(frozen=True)
class Lane:
    """A platform and tenant, how many messages wait to go there, and how it goes, with its tone and why."""

    name: str
    queued: int
    state: str
    tone: str = ""
    reason: str = ""


@dataclass(frozen=True)
class View:
    """All of the page; `doubts` are the oldest, of `in_doubt`."""

    standings: list[Standing]
    doubts: list[Doubt]
    in_doubt: int
    lanes: list[Lane]


def view_of(
    session: Session, viewer: Viewer, platforms: Mapping[str, Platform], lang: Language, *, now: datetime
) -> View:
    zone = viewer.person.timezone
    doubts, in_doubt = _doubts(session, lang)
    return View(
        standings=_standings(session, viewer, platforms, lang, now=now),
        doubts=doubts,
        in_doubt=in_doubt,
        lanes=_lanes(session, lang, zone, now=now),
    )


def anchor(key: str) -> str:
    """Where on the page a campaign stands: an id that is valid whatever is in its key."""
    return f"campaign-{sha256(key.encode()).hexdigest()[:12]}"


def _standings(
    session: Session, viewer: Viewer, platforms: Mapping[str, Platform], lang: Language, *, now: datetime
) -> list[Standing]:
    newest = campaigns.newest(session, most=CAMPAIGNS_SHOWN)
    rates = _rates(session, viewer, {campaign.key for campaign in newest})
    return [
        _standing(campaigns.funnel(session, campaign, platforms, now=now), rates.get(campaign.key), lang)
        for campaign in newest
    ]


def _rates(session: Session, viewer: Viewer, keys: Collection[str]) -> dict[str, Rate]:
    """The surveys among campaigns, with how many answered as far as the viewer may know."""
    return {wave.subject: rate_of(session, wave, viewer) for wave in session.exec(select(Wave)) if wave.subject in keys}


def _standing(funnel: Funnel, rate: Rate | None, lang: Language) -> Standing:
    def bar(label: str, count: int, tone: str) -> Bar:
        return Bar(label, lang.number(count), round(100 * count / (funnel.all or 1), 2), tone)

    label = lang("Read or answered")
    # Whoever acts on an invitation has as good as answered: what is not said of answers is not said of reading.
    read = bar(label, funnel.read, "good") if rate is None or rate.is_shown else Bar(label, "–", 0, "good")
    is_readable = rate is None or rate.is_readable
    return Standing(
        funnel,
        path=funnel.campaign.path if is_readable else "",
        hidden_until=rate.wave.k if rate and is_readable and not rate.is_shown else 0,
        is_readable=is_readable,
        way=(bar(lang("All"), funnel.all, "plain"), bar(lang("Sent"), funnel.sent, "info"), read),
        rest=(
            bar(lang("Waiting"), funnel.queued, "plain"),
            bar(lang("Failed"), funnel.failed, "bad"),
            bar(lang("In doubt"), funnel.in_doubt, "warn"),
            bar(lang("Taken back"), funnel.withdrawn, "plain"),
        ),
        causes=_causes(funnel.failures, lang),
    )


def _causes(failures: Sequence[Failure], lang: Language) -> list[Cause]:
    """The reasons as people read them, the commonest first: what several servers word differently is one."""
    counted: Counter[tuple[str, str]] = Counter()
    for failure in failures:
        counted[why(failure.reason, failure.platform, lang), failure.platform] += failure.count
    first = [Cause(sentence, platform, count) for (sentence, platform), count in counted.most_common(CAUSES_SHOWN)]
    others = counted.total() - sum(cause.count for cause in first)
    return [*first, Cause(lang("For other reasons"), "", others)] if others else first


def _doubts(session: Session, lang: Language) -> tuple[list[Doubt], int]:
    """The oldest messages that wait for a person's choice, and how many do in all."""
    waiting = (is_in(State.UNKNOWN), col(Message.lease_until).is_(None))
    count = session.exec(select(func.count()).select_from(Message).where(*waiting)).one()
    oldest = (
        select(Message, Person.name, Channel)
        .join(Person, isouter=True)
        .join(Channel, isouter=True)
        .where(*waiting)
        .order_by(col(Message.id))
        .limit(DOUBTS_SHOWN)
    )
    return [
        _doubt(message, name or _channel_name(channel), lang) for message, name, channel in session.exec(oldest)
    ], count


def _doubt(message: Message, recipient: str, lang: Language) -> Doubt:
    permitted = disclosure_of((message.subject, message.thread), features.DISCLOSURES)
    return Doubt(
        message.id or 0,
        recipient if permitted.shows_recipient else lang("Somebody"),
        load(message.card).title if permitted.shows_title else permitted.title(lang),
        message.platform,
        message.reason,
    )


def _channel_name(channel: Channel | None) -> str:
    return f"#{channel.title or channel.name}" if channel else ""


def _lanes(session: Session, lang: Language, zone: str, *, now: datetime) -> list[Lane]:
    """Every way that has been taken, with what waits there; last what has not been given one."""
    counted = select(Message.lane, func.count()).where(is_in(State.QUEUED)).group_by(col(Message.lane))
    queued = dict(session.exec(counted).all())
    paces = session.exec(select(RateState).order_by(col(RateState.lane))).all()
    lanes = [
        Lane(lane_name(pace.lane, lang), queued.get(pace.lane, 0), *_going(pace, lang, zone, now)) for pace in paces
    ]
    if unrouted := queued.get("", 0):
        lanes.append(Lane(lang("Not under way yet"), unrouted, lang("until their time comes")))
    return lanes


def lane_name(lane: str, lang: Language) -> str:
    """A lane as people call it: the platform, and whose there."""
    platform, _, tenant = lane.partition(":")
    return f"{platform_name(platform, lang)} · {tenant}" if tenant else platform_name(platform, lang)


def _going(pace: RateState, lang: Language, zone: str, now: datetime) -> tuple[str, str, str]:
    """How a lane goes now, in words, the tone of it, and what it rests for."""
    if pace.paused_until and pace.paused_until > now:
        until = lang.moment(pace.paused_until, zone)
        return lang("resting until {moment}", moment=until), "warn", why(pace.reason, pace.lane.partition(":")[0], lang)
    if pace.slowness > 1:
        return lang("slowed to {percent}", percent=lang.percent(1 / pace.slowness)), "info", ""
    return lang("at full speed"), "good", ""

"""What people do with requests: ask, follow, and for agents work on them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from workbot.cards import Card
from workbot.definitions import offered
from workbot.errors import Gone
from workbot.i18n import N_, language, plain
from workbot.people import Person, agents_of, channel_at, has_role, person_of
from workbot.requests import forms, queries, rewording, service, views
from workbot.requests.kind import KIND
from workbot.requests.models import Request
from workbot.requests.quotes import Quote, account_of, draft
from workbot.router import Router
from workbot.storage.database import advisory_lock
from workbot.texts import whole_number
from workbot.turns import (
    Ask,
    Command,
    HomeOpened,
    LinkShared,
    Message,
    MessageAction,
    Page,
    Press,
    Replace,
    Reply,
    Say,
    Search,
    Submission,
)

ROUTER = Router()
Verb = Callable[..., None]


@ROUTER.command(
    "request",
    "demande",
    about=N_("Ask a desk for something"),
    usage=N_("request [desk] [what it is about]"),
    label=N_("New request"),
)
def request(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
    lang = language(person.locale)
    first, _, rest = turn.text.partition(" ")
    if desk := queries.desk_called(session, first) if first else None:
        return Ask(forms.form(desk, rest.strip(), lang))
    return Say(views.choose_desk(queries.desks(session), turn.text, lang))


@ROUTER.on(Press, "requests.choose")
def choose(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    return Say(views.choose_desk(queries.desks(session), "", language(person.locale)))


@ROUTER.on(Press, "requests.new", opens_form=True)
def new(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    name, _, words = turn.value.partition(":")
    desk, _version = offered(session, KIND, name)
    return Ask(forms.form(desk, words, language(person.locale)))


@ROUTER.on(Submission, "requests.open")
def open_one(session: Session, turn: Submission, *, person: Person, now: datetime) -> Reply:
    wanted = draft(turn.state)
    desk, _version = offered(session, KIND, wanted.desk)
    title, details = forms.filled(desk, turn.values, language(person.locale))
    opened = service.open_request(session, desk.name, person, title, details, now=now, quote=wanted.quote)
    return Say(views.opened(opened, desk, language(person.locale)), sent_as=opened.reference)


@ROUTER.on(MessageAction)
def quoted(session: Session, turn: MessageAction, *, person: Person, now: datetime) -> Reply:
    """A message that someone wrote: by a shortcut, ask which desk it is for; by a desk's emoji, it goes there."""
    lang = language(person.locale)
    quote = Quote(turn.text, turn.author, turn.link, turn.reference, account_of(turn.writer), turn.claimed_by)
    if not turn.emoji:
        return Say(views.choose_desk_for(queries.desks(session), quote, lang))
    desk = queries.desk_of_emoji(session, turn.emoji, channel_at(session, turn.sender.platform, turn.channel))
    if desk is None:
        return None
    if quote.link:
        # Of two who put it on the same message at once, the second finds the request.
        advisory_lock(session.connection(), f"request at {desk.name} from {quote.link}")
    if made := queries.from_link(session, desk, quote.link):
        return Say(views.opened(made, desk, lang)) if queries.may_see(session, made, person) else None
    # An agent who collects a message does so for whoever wrote it.
    writer = person_of(session, turn.writer) if turn.writer and has_role(session, person, desk.role) else None
    title = views.short(quote.title, views.SHORT) or lang("A message")
    opened = service.open_request(
        session, desk.name, writer or person, title, {}, now=now, quote=quote, opened_by=person
    )
    return Say(views.opened(opened, desk, lang))


@ROUTER.on(Press, "requests.quote", opens_form=True)
def quote_form(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    wanted = draft(turn.value)
    desk, _version = offered(session, KIND, wanted.desk)
    return Ask(forms.form(desk, "", language(person.locale), wanted.quote))


@ROUTER.on(LinkShared, "/console/requests/")
def linked(session: Session, turn: LinkShared, *, person: Person, now: datetime) -> Reply:
    """What everyone who reads the link may know of a request; all of it in the desk's own channel."""
    found = queries.find_visible(session, turn.path.rpartition("/")[2], person)
    desk = queries.desk_of(session, found)
    inside = bool(turn.channel) and channel_at(session, turn.sender.platform, turn.channel) == desk.channel
    if desk.private and not inside:
        return None
    return Say(
        views.unfurled(views.request_view(session, found, desk), language(person.locale), inside=inside), public=True
    )


@ROUTER.on(Search)
def find(session: Session, turn: Search, *, person: Person, now: datetime) -> Page:
    """What a person has asked, to be shown to others if they like; what was asked of a private desk is not."""
    lang, wanted = language(person.locale), plain(turn.text)
    shown = [(request, queries.desk_of(session, request)) for request in queries.mine(session, person, now=now)]
    return Page(
        tuple(
            views.unfurled(views.request_view(session, request, desk), lang, inside=True)
            for request, desk in shown
            if not desk.private and wanted in plain(f"{request.reference} {request.title}")
        )
    )


@ROUTER.on(HomeOpened, order=30)
def on_own_page(session: Session, turn: HomeOpened, *, person: Person, now: datetime) -> Page:
    return Page((_my_requests(session, person, now),))


@ROUTER.command(
    "requests",
    "demandes",
    about=N_("Follow what you have asked for"),
    usage=N_("requests"),
    label=N_("My requests"),
)
def requests(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
    return Say(_my_requests(session, person, now))


@ROUTER.on(Press, "requests.show")
def show(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    reference, _, page = turn.value.partition(":")
    found = queries.find_visible(session, reference, person)
    return Say(_whole(session, found, person, whole_number(page) or 0))


@ROUTER.on(Press, "requests.take")
def take(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    return _do(session, turn, person, now, service.take)


@ROUTER.on(Press, "requests.reopen")
def reopen(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    return _do(session, turn, person, now, service.reopen)


@ROUTER.on(Press, "requests.close")
def close(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    return _do(session, turn, person, now, service.close)


@ROUTER.on(Press, "requests.cancel")
def cancel(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    return _do(session, turn, person, now, service.cancel)


@ROUTER.on(Press, "requests.reply_form", opens_form=True)
def reply_form(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    lang, found = language(person.locale), queries.find_visible(session, turn.value, person)
    label = lang("Your message")
    return Ask(forms.text_form(found, lang, action="requests.reply", title=lang("Reply"), label=label))


@ROUTER.on(Press, "requests.note_form", opens_form=True)
def note_form(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    lang, found = language(person.locale), queries.find_visible(session, turn.value, person)
    queries.require_agent(session, found, person)
    label = lang("Only the agents of the desk will read this")
    return Ask(forms.text_form(found, lang, action="requests.note", title=lang("Internal note"), label=label))


@ROUTER.on(Press, "requests.resolve_form", opens_form=True)
def resolve_form(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    lang, found = language(person.locale), queries.find_visible(session, turn.value, person)
    queries.require_agent(session, found, person)
    label = lang("What was done (optional)")
    form = forms.text_form(found, lang, action="requests.resolve", title=lang("Resolve"), label=label, required=False)
    return Ask(form)


@ROUTER.on(Press, "requests.hand_over_form", opens_form=True)
def hand_over_form(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    found = queries.find_visible(session, turn.value, person)
    queries.require_agent(session, found, person)
    others = [agent for agent in agents_of(session, found.desk, now=now) if agent.id != found.assignee_id]
    return Ask(forms.hand_over_form(found, others, language(person.locale)))


@ROUTER.on(Submission, "requests.reply")
def reply(session: Session, turn: Submission, *, person: Person, now: datetime) -> Reply:
    found = queries.find_visible(session, turn.state, person)
    service.comment(session, found, person, forms.words_of(turn.values, person), now=now)
    return _confirm(session, found, person, N_("Your message is on its way"))


@ROUTER.on(Submission, "requests.note")
def note(session: Session, turn: Submission, *, person: Person, now: datetime) -> Reply:
    found = queries.find_visible(session, turn.state, person)
    service.note(session, found, person, forms.words_of(turn.values, person), now=now)
    return _confirm(session, found, person, N_("Your note stands under the request"))


@ROUTER.on(Submission, "requests.resolve")
def resolve(session: Session, turn: Submission, *, person: Person, now: datetime) -> Reply:
    found = queries.find_visible(session, turn.state, person)
    service.resolve(session, found, person, forms.words_of(turn.values, person, required=False), now=now)
    return _confirm(session, found, person, N_("{reference} is resolved"))


@ROUTER.on(Submission, "requests.hand_over")
def hand_over(session: Session, turn: Submission, *, person: Person, now: datetime) -> Reply:
    found = queries.find_visible(session, turn.state, person)
    to = forms.agent_chosen(turn.values, agents_of(session, found.desk, now=now), person)
    service.hand_over(session, found, person, to, now=now)
    return _confirm(session, found, person, N_("{reference} has been handed over"))


@ROUTER.on(Message, "request")
def said_under(session: Session, turn: Message, *, person: Person, now: datetime) -> Reply:
    found = queries.get(session, UUID(turn.subject.partition(":")[2]))
    if found is None:
        raise Gone("There is no such request any more.")
    said_on, written = turn.sender.platform if turn.channel else "", (turn.sender.platform, turn.reference)
    service.comment(session, found, person, turn.text, now=now, said_on=said_on, written=written)
    return None


ROUTER.change(rewording.change)


def _my_requests(session: Session, person: Person, now: datetime) -> Card:
    queues = [(desk, queries.queue(session, desk.name)) for desk in queries.desks_of_agent(session, person)]
    asked = queries.mine(session, person, now=now)
    return views.my_requests(asked, queues, language(person.locale), person.timezone)


def _do(session: Session, turn: Press, person: Person, now: datetime, verb: Verb) -> Reply:
    """Do a verb that needs nothing more, and bring the pressed card up to date."""
    found = queries.find_visible(session, turn.value, person)
    verb(session, found, person, now=now)
    return Replace(_card(session, found, person, in_channel=bool(turn.channel)))


def _card(session: Session, found: Request, person: Person, *, in_channel: bool) -> Card:
    view = views.request_view(session, found, queries.desk_of(session, found))
    lang = language(person.locale)
    if in_channel or found.requester_id != person.id:
        return views.for_desk(view, lang)
    return views.for_requester(view, lang)


def _whole(session: Session, found: Request, person: Person, page: int) -> Card:
    view = views.request_view(session, found, queries.desk_of(session, found))
    entries = queries.history(session, found)
    names = queries.names(session, entries)
    is_agent = queries.is_agent(session, found, person)
    return views.whole(view, entries, names, language(person.locale), is_agent=is_agent, page=page)


def _confirm(session: Session, found: Request, person: Person, message: str) -> Reply:
    return Say(Card(language(person.locale)(message, reference=found.reference), tone="good"))

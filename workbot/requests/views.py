"""How a request looks: to who asked, to the agents, and in the lists of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from workbot.cards import (
    Button,
    Buttons,
    ButtonStyle,
    Card,
    Element,
    Fact,
    Facts,
    Text,
    Tone,
)
from workbot.i18n import N_, Language
from workbot.people import Person
from workbot.requests.definitions import DeskDefinition
from workbot.requests.models import Request, RequestEntry, State
from workbot.requests.quotes import Quote, RequestDraft
from workbot.requests.workflow import OFFERS, Party, possible

SHORT = 150
EXCERPT = 600
PAGE = 12
STATES = {
    State.OPEN: N_("Waiting for an agent"),
    State.TAKEN: N_("Being worked on"),
    State.RESOLVED: N_("Resolved"),
    State.CLOSED: N_("Closed"),
    State.CANCELLED: N_("Withdrawn"),
}
TONES: dict[str, Tone] = {State.OPEN: "warn", State.RESOLVED: "good"}
# Verbs that ask for words first.
FORMS = {"comment": "reply_form", "note": "note_form", "resolve": "resolve_form", "hand_over": "hand_over_form"}
HAPPENED = {
    "open": N_("{name} opened the request"),
    "take": N_("{name} took it"),
    "hand_over": N_("{name} handed it over to {body}"),
    "resolve": N_("{name} resolved it"),
    "reopen": N_("{name} reopened it"),
    "close": N_("Closed"),
    "cancel": N_("{name} withdrew it"),
    "comment": N_("{name}"),
    "note": N_("{name}, for the agents only"),
    "quote_edited": N_("{body} changed the message that it began with"),
    "quote_withdrawn": N_("{body} took back the message that it began with"),
}
SPOKEN = ("comment", "note", "resolve")


@dataclass(frozen=True)
class RequestView:
    """A request with everyone in it, read before it is drawn."""

    request: Request
    desk: DeskDefinition
    requester: Person
    assignee: Person | None


def request_view(session: Session, request: Request, desk: DeskDefinition) -> RequestView:
    requester = session.get_one(Person, request.requester_id)
    assignee = session.get(Person, request.assignee_id) if request.assignee_id else None
    return RequestView(request, desk, requester, assignee)


def for_requester(view: RequestView, lang: Language, *, is_whole: bool = False) -> Card:
    """The card that stands in the conversation of who asked; one that `is_whole` has nothing more to show."""
    request = view.request
    waiting = () if view.assignee else (Text(lang.of(view.desk.promise), style="muted"),)
    facts = (
        Fact(lang("Desk"), lang.of(view.desk.title)),
        Fact(lang("State"), lang(STATES[State(request.state)])),
        Fact(lang("Agent"), view.assignee.name if view.assignee else lang("Nobody yet")),
        Fact(lang("Opened"), lang.moment(request.opened_at, view.requester.timezone)),
    )
    buttons = (*_buttons(request, Party.REQUESTER, lang), *_show(request, lang, is_whole=is_whole))
    return Card(
        _title(request),
        (Facts(facts), *_quoted(request, lang), *_details(view, lang), *waiting, *_row(buttons, lang)),
        tone=TONES.get(request.state, "plain"),
        replies=lang("Reply") if "comment" in possible(Party.REQUESTER, request.state) else "",
    )


def for_desk(view: RequestView, lang: Language, *, is_whole: bool = False) -> Card:
    """The card that stands in the desk's channel; one that `is_whole` has nothing more to show."""
    request = view.request
    facts = (
        Fact(lang("From"), view.requester.name),
        Fact(lang("State"), lang(STATES[State(request.state)])),
        Fact(lang("Agent"), view.assignee.name if view.assignee else lang("Nobody yet")),
        Fact(lang("Opened"), lang.moment(request.opened_at, view.requester.timezone)),
    )
    buttons = (*_buttons(request, Party.AGENT, lang), *_show(request, lang, is_whole=is_whole))
    return Card(
        _title(request),
        (Facts(facts), *_quoted(request, lang), *_details(view, lang), *_row(buttons, lang)),
        tone=TONES.get(request.state, "plain"),
        replies=lang("Reply to {name}", name=view.requester.first_name),
    )


def whole(
    view: RequestView,
    entries: Sequence[RequestEntry],
    names: Mapping[UUID, str],
    lang: Language,
    *,
    is_agent: bool,
    page: int = 0,
) -> Card:
    """A request with all that was said, page 0 being the newest; notes for agents only."""
    zone = view.requester.timezone
    draw = for_desk if is_agent else for_requester
    card = draw(view, lang, is_whole=True)
    seen = [entry for entry in entries if is_agent or entry.verb != "note"]
    start, end = max(0, len(seen) - PAGE * (page + 1)), max(0, len(seen) - PAGE * page)
    lines = [element for entry in seen[start:end] for element in _entry(entry, names, lang, zone)]
    reference = view.request.reference
    earlier = (Button(lang("Show what came before"), "requests.show", f"{reference}:{page + 1}"),) if start else ()
    newest = (Button(lang("Show the newest"), "requests.show", reference),) if page else ()
    more = (Buttons((*earlier, *newest)),) if earlier or newest else ()
    return Card(card.title, (*_full_details(view, lang), *card.body, *more, *lines), card.tone, card.replies)


def comment(entry: RequestEntry, author: Person, request: Request, lang: Language) -> Card:
    """Words of one side for the other."""
    title = lang("{name}, for the agents only", name=author.name) if entry.verb == "note" else author.name
    body: list[Element] = [_words(entry, lang)]
    if entry.edited_at and not entry.withdrawn_at:
        body.append(Text(lang("Edited"), "muted"))
    if len(entry.body) > EXCERPT:
        body.append(Buttons((Button(lang("Show all"), "requests.show", request.reference),)))
    return Card(title, tuple(body), tone="warn" if entry.verb == "note" else "plain")


def _words(entry: RequestEntry, lang: Language) -> Text:
    if entry.withdrawn_at:
        return Text(lang("This message was withdrawn."), "muted")
    return Text(short(entry.body, EXCERPT))


def change_of(entry: RequestEntry, lang: Language, zone: str) -> str:
    """When an entry's author changed it last, or took it back; empty if they did not."""
    if entry.withdrawn_at:
        return lang("withdrawn {moment}", moment=lang.moment(entry.withdrawn_at, zone))
    return lang("edited {moment}", moment=lang.moment(entry.edited_at, zone)) if entry.edited_at else ""


def nudge(request: Request, lang: Language) -> Card:
    text = lang("{reference} is still waiting. Who can take it?", reference=request.reference)
    return Card(lang("Nobody has taken this yet"), (Text(text),), tone="warn")


def opened(request: Request, desk: DeskDefinition, lang: Language) -> Card:
    """What the requester is answered at once; the request's own card follows."""
    text = lang(
        "Your request {reference} is with the desk “{desk}”.", reference=request.reference, desk=lang.of(desk.title)
    )
    return Card(lang("Got it"), (Text(text), Text(lang.of(desk.promise), "muted")), tone="good")


def choose_desk(desks: Sequence[DeskDefinition], words: str, lang: Language) -> Card:
    """Which desk? The words typed go along."""
    buttons = tuple(
        Button(lang.of(desk.title), "requests.new", f"{desk.name}:{words}", hint=lang.of(desk.intro)) for desk in desks
    )
    return _desks(desks, (), buttons, lang)


def choose_desk_for(desks: Sequence[DeskDefinition], quote: Quote, lang: Language) -> Card:
    """Which desk is to have a message?"""
    buttons = tuple(
        Button(lang.of(desk.title), "requests.quote", str(RequestDraft(desk.name, quote)), hint=lang.of(desk.intro))
        for desk in desks
    )
    author = credited(quote.author, quote.claimed_by, lang)
    words = (Text(short(quote.text, EXCERPT), "quote"), Text(author, "muted"))
    return _desks(desks, words, buttons, lang)


def _desks(
    desks: Sequence[DeskDefinition], words: tuple[Element, ...], buttons: tuple[Button, ...], lang: Language
) -> Card:
    if not desks:
        return Card(lang("No desk takes requests yet"), words)
    lines = tuple(Text(f"{lang.of(desk.title)} – {lang.of(desk.intro)}", "muted") for desk in desks)
    return Card(lang("Whom would you like to ask?"), (*words, *lines, Buttons(buttons, lang("Desks"))))


def unfurled(view: RequestView, lang: Language, *, inside: bool) -> Card:
    """What stands under a link to a request: for those outside its desk, no more than how far it has come."""
    request, desk = view.request, lang.of(view.desk.title)
    state = Fact(lang("State"), lang(STATES[State(request.state)]))
    if not inside:
        return Card(
            request.reference, (Facts((Fact(lang("Desk"), desk), state)),), tone=TONES.get(request.state, "plain")
        )
    facts = (Fact(lang("From"), view.requester.name), state)
    return Card(_title(request), (Facts(facts),), tone=TONES.get(request.state, "plain"))


def my_requests(
    asked: Sequence[Request], queues: Sequence[tuple[DeskDefinition, Sequence[Request]]], lang: Language, zone: str
) -> Card:
    """What a person has asked, and for agents what waits at their desks."""
    body: list[Element] = []
    if asked:
        body += [element for request in asked[:PAGE] for element in _line(request, lang, zone)]
    else:
        body += [
            Text(lang("You have not asked for anything yet.")),
            Buttons((Button(lang("New request"), "requests.choose", style="primary"),)),
        ]
    for desk, waiting in queues:
        heading = lang.plural(
            "{desk}: one request waits", "{desk}: {count} requests wait", len(waiting), desk=lang.of(desk.title)
        )
        body.append(Text(heading, "strong"))
        body += [element for request in waiting[:PAGE] for element in _line(request, lang, zone)]
    return Card(lang("Your requests"), tuple(body))


def _line(request: Request, lang: Language, zone: str) -> tuple[Element, ...]:
    about = f"{request.reference} · {short(request.title, 80)}"
    state = lang(STATES[State(request.state)])
    button = Button(lang("Open {reference}", reference=request.reference), "requests.show", request.reference)
    return (
        Text(about, "strong"),
        Text(f"{state} · {lang.moment(request.opened_at, zone)}", "muted"),
        Buttons((button,)),
    )


def _entry(entry: RequestEntry, names: Mapping[UUID, str], lang: Language, zone: str) -> list[Element]:
    name = names.get(entry.author_id, "") if entry.author_id else ""
    happened = lang(HAPPENED[entry.verb], name=name, body=entry.body)
    said = " · ".join(part for part in (happened, lang.moment(entry.at, zone), change_of(entry, lang, zone)) if part)
    lines: list[Element] = [Text(said, "muted")]
    if entry.body and entry.verb in SPOKEN:
        lines.append(Text(entry.body, "quote"))
    return lines


def credited(author: str, claimed_by: str, lang: Language) -> str:
    """Who is said to have written something, with whose word that is where nothing proves it."""
    if not claimed_by:
        return author
    claim = lang("as given by {platform}, unverified", platform=claimed_by)
    return f"{author} ({claim})"


def _title(request: Request) -> str:
    return f"{request.reference} · {short(request.title, SHORT)}"


def _quoted(request: Request, lang: Language) -> tuple[Element, ...]:
    """The message that a request began with, its author, and the way to it."""
    said = credited(lang("{author} wrote", author=request.quoted_author), request.quoted_claimed_by, lang)
    if request.quoted_withdrawn_at:
        return (Text(said, "muted"), Text(lang("This message was withdrawn."), "muted"))
    if not request.quoted:
        return ()
    way = (Buttons((Button(lang("Open the message"), url=request.quoted_link),)),) if request.quoted_link else ()
    edited = (Text(lang("Edited"), "muted"),) if request.quoted_edited_at else ()
    return (Text(said, "muted"), Text(short(request.quoted, EXCERPT), "quote"), *edited, *way)


def _details(view: RequestView, lang: Language) -> tuple[Element, ...]:
    """What was filled in, shortened; the whole is a press away."""
    facts = filled(view, lang)
    shortened = tuple(Fact(fact.label, short(fact.value, EXCERPT)) for fact in facts)
    return (Facts(shortened),) if facts else ()


def _full_details(view: RequestView, lang: Language) -> tuple[Element, ...]:
    long = [fact for fact in filled(view, lang) if len(fact.value) > EXCERPT]
    quoted = (Text(view.request.quoted, "quote"),) if len(view.request.quoted) > EXCERPT else ()
    return (*quoted, *(element for fact in long for element in (Text(fact.label, "strong"), Text(fact.value))))


def filled(view: RequestView, lang: Language) -> list[Fact]:
    """What the requester filled in, as labels and values."""
    found = []
    for field in view.desk.fields:
        if value := view.request.details.get(field.id):
            chosen = next((option.label for option in field.options if option.id == value), None)
            said = lang("Yes") if field.kind == "toggle" else value
            said = lang.as_typed(value) if field.kind == "number" else said
            found.append(Fact(lang.of(field.label), lang.of(chosen) if chosen else said))
    return found


def _buttons(request: Request, party: Party, lang: Language) -> tuple[Button, ...]:
    """What a party is offered to do with a request now."""
    is_worked_on = request.state == State.TAKEN
    labels: dict[str, tuple[str, ButtonStyle]] = {
        "take": (lang("Take it"), "primary"),
        "comment": (lang("Reply") if party == Party.AGENT else lang("Write to the desk"), "plain"),
        "resolve": (lang("Resolve"), "primary" if is_worked_on else "plain"),
        "note": (lang("Internal note"), "plain"),
        "hand_over": (lang("Hand over"), "plain"),
        "reopen": (lang("Reopen"), "plain"),
        "close": (lang("It works, thank you"), "primary"),
        "cancel": (lang("Withdraw"), "plain"),
    }
    return tuple(
        Button(labels[verb][0], f"requests.{FORMS.get(verb, verb)}", request.reference, labels[verb][1])
        for verb in OFFERS[party][State(request.state)]
    )


def _show(request: Request, lang: Language, *, is_whole: bool) -> tuple[Button, ...]:
    return () if is_whole else (Button(lang("Show all"), "requests.show", request.reference),)


def _row(buttons: tuple[Button, ...], lang: Language) -> tuple[Element, ...]:
    return (Buttons(buttons, lang("What you can do")),) if buttons else ()


def short(text: str, limit: int) -> str:
    """At most so many characters, said to be shortened by an ellipsis."""
    line = text if limit > SHORT else " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"

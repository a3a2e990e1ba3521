"""A journey as cards: each carrier's checklist, what is new on it, and everything of one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from workbot.cards import Button, Buttons, Card, Element, Fact, Facts, Progress, Text
from workbot.i18n import Language
from workbot.onboarding.models import Journey, Standing, State, Step
from workbot.onboarding.queries import JourneyView, Mine

# How long a ticked step stays on a checklist, to be seen and to be undone.
RECENT = timedelta(days=7)
# More open steps than these are not listed at once.
MOST_OWED = 15


def checklist(view: JourneyView, carrier: str, lang: Language, *, now: datetime) -> Card:
    """What one carrier has to do so far, and has just done."""
    is_hire = carrier == view.hire_key
    steps = view.of(carrier)
    if view.journey.state == State.CANCELLED:
        return Card(_title(view, lang, is_hire), (Text(lang("This journey was cancelled. Nothing is left to do.")),))

    if view.journey.is_paused:
        waits = lang(
            "{hire} is not among our people at the moment. Nothing is to be done until HR says so.",
            hire=view.hire.name,
        )
        return Card(_title(view, lang, is_hire), (Text(waits),))

    due = [step for step in steps if step.standing(now) in (Standing.DUE, Standing.OVERDUE)]
    done = [step for step in steps if step.done_at and now - step.done_at < RECENT]
    body: list[Element] = [Text(lang.of(view.definition.intro))] if is_hire else []
    body += [_facts(view, lang), *([_progress(steps, lang)] if steps else [])]
    for step in due:
        body += _open_step(view, step, lang, now)
    if not due:
        body.append(Text(_nothing_now(view, steps, lang)))
    for step in done:
        body += _done_step(view, step, lang)
    return Card(_title(view, lang, is_hire), tuple(body), tone="plain" if due else "good")


def news(view: JourneyView, steps: Sequence[Step], lang: Language) -> Card:
    """Says that a checklist has grown: a card that changes in place is not noticed."""
    titles = lang.listed([_step_title(view, step, lang) for step in steps])
    title = lang.plural("New step: {titles}", "{count} new steps: {titles}", len(steps), titles=titles)
    return Card(title, (Text(_about(view, lang), style="muted"), _show(lang)))


def reminder(view: JourneyView, steps: Sequence[Step], lang: Language) -> Card:
    """The one reminder of what is overdue."""
    listed = "\n".join(f"• {_step_title(view, step, lang)} ({_due(view, step, lang)})" for step in steps)
    title = lang.plural("Reminder: {count} step is waiting", "Reminder: {count} steps are waiting", len(steps))
    note = lang("If something is in the way, tell HR. I will not remind you of this again.")
    about = Text(_about(view, lang), style="muted")
    return Card(title, (about, Text(listed), Text(note, style="muted"), _show(lang)), tone="warn")


def moved(view: JourneyView, carrier: str, lang: Language) -> Card:
    """Says that a journey has another day."""
    title = _title(view, lang, carrier == view.hire_key)
    text = lang("The date has changed. What is still to be done moves with it; I will tell you when its time comes.")
    day = Fact(lang.of(view.definition.day), lang.date(view.journey.key_date))
    return Card(lang("New date: {title}", title=title), (Facts((day,)), Text(text, style="muted"), _show(lang)))


def gone(view: JourneyView, lang: Language) -> Card:
    """What HR reads when whoever a journey is for is not here any more."""
    text = lang(
        "{hire} is not in the people file any more, or has left. The journey waits: nobody is told or reminded of "
        "anything. If they do not come back, cancel it. If they are missing by mistake, correct the people file, and "
        "it goes on by itself.",
        hire=view.hire.name,
    )
    return _for_hr(view, lang("On hold: {title}", title=_about(view, lang)), text, lang)


def back(view: JourneyView, lang: Language) -> Card:
    """What HR reads when they are here again."""
    text = lang(
        "{hire} is in the people file again. The journey goes on, and nothing in it is overdue.", hire=view.hire.name
    )
    return _for_hr(view, lang("Goes on: {title}", title=_about(view, lang)), text, lang)


def day_missing(view: JourneyView, lang: Language) -> Card:
    """What HR reads when the people file has no day any more that a journey counts from."""
    text = lang(
        "The people file has no such day for {hire} any more. The journey keeps {day}; move or cancel it if that is "
        "no longer right.",
        hire=view.hire.name,
        day=lang.date(view.journey.key_date),
    )
    return _for_hr(view, _day_in_question(view, lang), text, lang)


def day_differs(view: JourneyView, lang: Language) -> Card:
    """What HR reads when the people file has another day than the one that they gave a journey."""
    listed = view.journey.listed_on
    text = lang(
        "The people file now says {listed} for {hire}. The journey keeps {day}, which was set by hand; move it if the "
        "file is right.",
        listed=lang.date(listed) if listed else "",
        hire=view.hire.name,
        day=lang.date(view.journey.key_date),
    )
    return _for_hr(view, _day_in_question(view, lang), text, lang)


def _day_in_question(view: JourneyView, lang: Language) -> str:
    return lang("Is the date still right? {title}", title=_about(view, lang))


def _for_hr(view: JourneyView, title: str, text: str, lang: Language) -> Card:
    page = Button(lang("Open the journey"), url=f"/console/journeys/{view.journey.id}")
    return Card(title, (Text(text), Buttons((page,), title)), tone="warn")


def congratulation(view: JourneyView, lang: Language) -> Card:
    """What the hire reads when all is done."""
    closing = view.definition.closing
    text = lang.of(closing) if closing else lang("Every step is done. Thank you to you and to everyone who helped.")
    title = lang("{title}: all done", title=lang.of(view.definition.title))
    return Card(title, (Text(text), _progress(view.steps, lang)), tone="good")


def ended(view: JourneyView, lang: Language) -> Card:
    """What the manager reads when all is done."""
    text = lang("Every step of {hire}’s journey is done, yours too. Thank you.", hire=view.hire.name)
    return Card(lang("{title}: all done", title=_about(view, lang)), (Text(text),), tone="good")


def started(view: JourneyView, missing: Sequence[str], lang: Language) -> Card:
    """What HR reads after starting a journey."""
    planned = lang.plural(
        "{count} step is planned and told when its time comes.",
        "{count} steps are planned; each is told when its time comes.",
        len(view.steps),
    )
    body: list[Element] = [Text(planned), _facts(view, lang)]
    if missing:
        listed = lang.listed([role(who, lang) for who in missing])
        stands_in = lang("Nobody is there for: {roles}. Until someone is named, others stand in.", roles=listed)
        body.append(Text(stands_in))
    return Card(lang("Started: {title}", title=_about(view, lang)), tuple(body), tone="warn" if missing else "good")


def everything(mine: Mine, lang: Language, *, is_hr: bool, now: datetime) -> Card:
    """A person's own journey from end to end, and what they owe others."""
    body: list[Element] = []
    for view in mine.own:
        body += _own(view, lang, now)
    body += _owed(mine, lang, now)
    if not body:
        body.append(Text(lang("No journey is under way for you. When there is something to do, I will tell you here.")))
    if is_hr:
        start = Button(lang("Start a journey"), "onboarding.form")
        body.append(Buttons((start,), lang("For HR")))
    return Card(lang("Your journey"), tuple(body))


def role(who: str, lang: Language) -> str:
    """A carrier of the definition, in words."""
    known = {"hire": lang("the person"), "manager": lang("manager"), "buddy": lang("buddy"), "hr": lang("HR")}
    return known.get(who) or lang("the desk “{desk}”", desk=who.partition(":")[2])


def _own(view: JourneyView, lang: Language, now: datetime) -> list[Element]:
    """All one's own steps: to do, later, done."""
    steps = view.of(view.hire_key)
    body: list[Element] = [Text(lang.of(view.definition.title), style="strong"), Text(lang.of(view.definition.intro))]
    body += [_facts(view, lang), _progress(steps, lang)]
    for step in steps:
        match step.standing(now):
            case Standing.DONE:
                body += _done_step(view, step, lang)
            case Standing.LATER:
                title, day = _step_title(view, step, lang), lang.weekday(_day(view, step.due_at))
                body.append(Text(lang("Later, on {day}: {title}", day=day, title=title), style="muted"))
            case Standing.DUE | Standing.OVERDUE:
                body += _open_step(view, step, lang, now)
            case other:
                assert_never(other)
    return body


def _owed(mine: Mine, lang: Language, now: datetime) -> list[Element]:
    """What one has to do for others, up to a number that can be read."""
    steps = [(view, step) for view, owed in mine.owed for step in owed]
    body: list[Element] = []
    last: Journey | None = None
    for view, step in steps[:MOST_OWED]:
        if view.journey is not last:
            body.append(Text(lang("For others: {journey}", journey=_about(view, lang)), style="strong"))
            last = view.journey
        body += _open_step(view, step, lang, now)
    if (more := len(steps) - MOST_OWED) > 0:
        body.append(Text(lang.plural("And {count} more step.", "And {count} more steps.", more), style="muted"))
    return body


def _open_step(view: JourneyView, step: Step, lang: Language, now: datetime) -> list[Element]:
    wanted, title = view.definition_of(step), _step_title(view, step, lang)
    due = _due(view, step, lang)
    when = lang("Overdue: {due}", due=due) if step.standing(now) == Standing.OVERDUE else due
    return [
        Text(title, style="strong"),
        *wanted.body(lang),
        Text(when, style="muted"),
        Buttons(wanted.buttons(step, lang), title),
    ]


def _done_step(view: JourneyView, step: Step, lang: Language) -> list[Element]:
    assert step.done_at
    title, day = _step_title(view, step, lang), lang.short_date(_day(view, step.done_at))
    said = view.definition_of(step).ticked(view.name(step.done_by), day, lang)
    return [
        Text(said, style="muted"),
        Buttons((Button(lang("Undo"), "onboarding.undo", str(step.id), hint=title),), title),
    ]


def _facts(view: JourneyView, lang: Language) -> Facts:
    journey = view.journey
    facts = [Fact(lang.of(view.definition.day), lang.date(journey.key_date))]
    if manager := view.name(journey.manager_id):
        facts.append(Fact(lang("Manager"), manager))
    if buddy := view.name(journey.buddy_id):
        facts.append(Fact(lang("Buddy"), buddy))
    return Facts(tuple(facts))


def _progress(steps: Sequence[Step], lang: Language) -> Progress:
    done, total = sum(step.done_at is not None for step in steps), len(steps)
    return Progress(
        done, total, lang.plural("{done} of {count} step done", "{done} of {count} steps done", total, done=done)
    )


def _nothing_now(view: JourneyView, steps: Sequence[Step], lang: Language) -> str:
    undone = [step.due_at for step in steps if step.done_at is None]
    if not undone:
        return lang("Nothing is left to do here. Thank you!")
    return lang("Nothing to do right now. The next step comes on {day}.", day=lang.weekday(_day(view, min(undone))))


def _show(lang: Language) -> Buttons:
    return Buttons((Button(lang("Show all my steps"), "onboarding.mine"),))


def _due(view: JourneyView, step: Step, lang: Language) -> str:
    return lang("due {day}", day=lang.weekday(_day(view, step.due_at)))


def _about(view: JourneyView, lang: Language) -> str:
    """The journey and whose it is, for everyone else."""
    return f"{lang.of(view.definition.title)} · {view.hire.name}"


def _title(view: JourneyView, lang: Language, is_hire: bool) -> str:
    return lang.of(view.definition.title) if is_hire else _about(view, lang)


def _step_title(view: JourneyView, step: Step, lang: Language) -> str:
    return lang.of(view.definition_of(step).title)


def _day(view: JourneyView, at: datetime) -> date:
    """A moment's day where the hire is: journeys are counted in their days."""
    return at.astimezone(ZoneInfo(view.hire.timezone)).date()

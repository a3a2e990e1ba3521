"""A journey as cards: each carrier's checklist, what is new on it, and everything of one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from workbot.cards import Button, Buttons, Card, Element, Fact, Facts, Progress, Text
from workbot.i18n import Language
from workbot.onboarding.models import Journey, Standing, State, Step
from workbot.onboarding.scenes import Mine, Scene

# How long a ticked step stays on a checklist, to be seen and to be undone.
RECENT = timedelta(days=7)
# More open steps than these are not listed at once.
MOST_OWED = 15


def checklist(scene: Scene, carrier: str, lang: Language, *, now: datetime) -> Card:
    """What one carrier has to do so far, and has just done."""
    is_hire = carrier == scene.hire_key
    steps = scene.of(carrier)
    if scene.journey.state == State.CANCELLED:
        return Card(_title(scene, lang, is_hire), (Text(lang("This journey was cancelled. Nothing is left to do.")),))

    if scene.journey.is_paused:
        waits = lang(
            "{hire} is not among our people at the moment. Nothing is to be done until HR says so.",
            hire=scene.hire.name,
        )
        return Card(_title(scene, lang, is_hire), (Text(waits),))

    due = [step for step in steps if step.standing(now) in (Standing.DUE, Standing.OVERDUE)]
    done = [step for step in steps if step.done_at and now - step.done_at < RECENT]
    body: list[Element] = [Text(lang.of(scene.definition.intro))] if is_hire else []
    body += [_facts(scene, lang), *([_progress(steps, lang)] if steps else [])]
    for step in due:
        body += _open_step(scene, step, lang, now)
    if not due:
        body.append(Text(_nothing_now(scene, steps, lang)))
    for step in done:
        body += _done_step(scene, step, lang)
    return Card(_title(scene, lang, is_hire), tuple(body), tone="plain" if due else "good")


def news(scene: Scene, steps: Sequence[Step], lang: Language) -> Card:
    """Says that a checklist has grown: a card that changes in place is not noticed."""
    titles = lang.listed([_step_title(scene, step, lang) for step in steps])
    title = lang.plural("New step: {titles}", "{count} new steps: {titles}", len(steps), titles=titles)
    return Card(title, (Text(_about(scene, lang), style="muted"), _show(lang)))


def reminder(scene: Scene, steps: Sequence[Step], lang: Language) -> Card:
    """The one reminder of what is overdue."""
    listed = "\n".join(f"• {_step_title(scene, step, lang)} ({_due(scene, step, lang)})" for step in steps)
    title = lang.plural("Reminder: {count} step is waiting", "Reminder: {count} steps are waiting", len(steps))
    note = lang("If something is in the way, tell HR. I will not remind you of this again.")
    about = Text(_about(scene, lang), style="muted")
    return Card(title, (about, Text(listed), Text(note, style="muted"), _show(lang)), tone="warn")


def moved(scene: Scene, carrier: str, lang: Language) -> Card:
    """Says that a journey has another day."""
    title = _title(scene, lang, carrier == scene.hire_key)
    text = lang("The date has changed. What is still to be done moves with it; I will tell you when its time comes.")
    day = Fact(lang.of(scene.definition.day), lang.date(scene.journey.key_date))
    return Card(lang("New date: {title}", title=title), (Facts((day,)), Text(text, style="muted"), _show(lang)))


def gone(scene: Scene, lang: Language) -> Card:
    """What HR reads when whoever a journey is for is not here any more."""
    text = lang(
        "{hire} is not in the people file any more, or has left. The journey waits: nobody is told or reminded of "
        "anything. If they do not come back, cancel it. If they are missing by mistake, correct the people file, and "
        "it goes on by itself.",
        hire=scene.hire.name,
    )
    return _for_hr(scene, lang("On hold: {title}", title=_about(scene, lang)), text, lang)


def back(scene: Scene, lang: Language) -> Card:
    """What HR reads when they are here again."""
    text = lang(
        "{hire} is in the people file again. The journey goes on, and nothing in it is overdue.", hire=scene.hire.name
    )
    return _for_hr(scene, lang("Goes on: {title}", title=_about(scene, lang)), text, lang)


def day_missing(scene: Scene, lang: Language) -> Card:
    """What HR reads when the people file has no day any more that a journey counts from."""
    text = lang(
        "The people file has no such day for {hire} any more. The journey keeps {day}; move or cancel it if that is "
        "no longer right.",
        hire=scene.hire.name,
        day=lang.date(scene.journey.key_date),
    )
    return _for_hr(scene, _day_in_question(scene, lang), text, lang)


def day_differs(scene: Scene, lang: Language) -> Card:
    """What HR reads when the people file has another day than the one that they gave a journey."""
    listed = scene.journey.listed_on
    text = lang(
        "The people file now says {listed} for {hire}. The journey keeps {day}, which was set by hand; move it if the "
        "file is right.",
        listed=lang.date(listed) if listed else "",
        hire=scene.hire.name,
        day=lang.date(scene.journey.key_date),
    )
    return _for_hr(scene, _day_in_question(scene, lang), text, lang)


def _day_in_question(scene: Scene, lang: Language) -> str:
    return lang("Is the date still right? {title}", title=_about(scene, lang))


def _for_hr(scene: Scene, title: str, text: str, lang: Language) -> Card:
    page = Button(lang("Open the journey"), url=f"/console/journeys/{scene.journey.id}")
    return Card(title, (Text(text), Buttons((page,), title)), tone="warn")


def congratulation(scene: Scene, lang: Language) -> Card:
    """What the hire reads when all is done."""
    closing = scene.definition.closing
    text = lang.of(closing) if closing else lang("Every step is done. Thank you to you and to everyone who helped.")
    title = lang("{title}: all done", title=lang.of(scene.definition.title))
    return Card(title, (Text(text), _progress(scene.steps, lang)), tone="good")


def ended(scene: Scene, lang: Language) -> Card:
    """What the manager reads when all is done."""
    text = lang("Every step of {hire}’s journey is done, yours too. Thank you.", hire=scene.hire.name)
    return Card(lang("{title}: all done", title=_about(scene, lang)), (Text(text),), tone="good")


def started(scene: Scene, missing: Sequence[str], lang: Language) -> Card:
    """What HR reads after starting a journey."""
    planned = lang.plural(
        "{count} step is planned and told when its time comes.",
        "{count} steps are planned; each is told when its time comes.",
        len(scene.steps),
    )
    body: list[Element] = [Text(planned), _facts(scene, lang)]
    if missing:
        listed = lang.listed([role(who, lang) for who in missing])
        stands_in = lang("Nobody is there for: {roles}. Until someone is named, others stand in.", roles=listed)
        body.append(Text(stands_in))
    return Card(lang("Started: {title}", title=_about(scene, lang)), tuple(body), tone="warn" if missing else "good")


def everything(mine: Mine, lang: Language, *, is_hr: bool, now: datetime) -> Card:
    """A person's own journey from end to end, and what they owe others."""
    body: list[Element] = []
    for scene in mine.own:
        body += _own(scene, lang, now)
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


def _own(scene: Scene, lang: Language, now: datetime) -> list[Element]:
    """All one's own steps: to do, later, done."""
    steps = scene.of(scene.hire_key)
    body: list[Element] = [Text(lang.of(scene.definition.title), style="strong"), Text(lang.of(scene.definition.intro))]
    body += [_facts(scene, lang), _progress(steps, lang)]
    for step in steps:
        match step.standing(now):
            case Standing.DONE:
                body += _done_step(scene, step, lang)
            case Standing.LATER:
                title, day = _step_title(scene, step, lang), lang.weekday(_day(scene, step.due_at))
                body.append(Text(lang("Later, on {day}: {title}", day=day, title=title), style="muted"))
            case _:
                body += _open_step(scene, step, lang, now)
    return body


def _owed(mine: Mine, lang: Language, now: datetime) -> list[Element]:
    """What one has to do for others, up to a number that can be read."""
    steps = [(scene, step) for scene, owed in mine.owed for step in owed]
    body: list[Element] = []
    last: Journey | None = None
    for scene, step in steps[:MOST_OWED]:
        if scene.journey is not last:
            body.append(Text(lang("For others: {journey}", journey=_about(scene, lang)), style="strong"))
            last = scene.journey
        body += _open_step(scene, step, lang, now)
    if (more := len(steps) - MOST_OWED) > 0:
        body.append(Text(lang.plural("And {count} more step.", "And {count} more steps.", more), style="muted"))
    return body


def _open_step(scene: Scene, step: Step, lang: Language, now: datetime) -> list[Element]:
    wanted, title = scene.definition_of(step), _step_title(scene, step, lang)
    due = _due(scene, step, lang)
    when = lang("Overdue: {due}", due=due) if step.standing(now) == Standing.OVERDUE else due
    done = Button(lang("Done"), "onboarding.done", str(step.id), "primary", hint=title)
    link = (Button(lang("Open the page"), url=wanted.link, hint=title),) if wanted.link else ()
    return [
        Text(title, style="strong"),
        Text(lang.of(wanted.text)),
        Text(when, style="muted"),
        Buttons((done, *link), title),
    ]


def _done_step(scene: Scene, step: Step, lang: Language) -> list[Element]:
    assert step.done_at
    title, day = _step_title(scene, step, lang), lang.short_date(_day(scene, step.done_at))
    said = lang("✓ {title}: done by {name}, {day}", title=title, name=scene.name(step.done_by), day=day)
    return [
        Text(said, style="muted"),
        Buttons((Button(lang("Undo"), "onboarding.undo", str(step.id), hint=title),), title),
    ]


def _facts(scene: Scene, lang: Language) -> Facts:
    journey = scene.journey
    facts = [Fact(lang.of(scene.definition.day), lang.date(journey.key_date))]
    if manager := scene.name(journey.manager_id):
        facts.append(Fact(lang("Manager"), manager))
    if buddy := scene.name(journey.buddy_id):
        facts.append(Fact(lang("Buddy"), buddy))
    return Facts(tuple(facts))


def _progress(steps: Sequence[Step], lang: Language) -> Progress:
    done, total = sum(step.done_at is not None for step in steps), len(steps)
    return Progress(
        done, total, lang.plural("{done} of {count} step done", "{done} of {count} steps done", total, done=done)
    )


def _nothing_now(scene: Scene, steps: Sequence[Step], lang: Language) -> str:
    undone = [step.due_at for step in steps if step.done_at is None]
    if not undone:
        return lang("Nothing is left to do here. Thank you!")
    return lang("Nothing to do right now. The next step comes on {day}.", day=lang.weekday(_day(scene, min(undone))))


def _show(lang: Language) -> Buttons:
    return Buttons((Button(lang("Show all my steps"), "onboarding.mine"),))


def _due(scene: Scene, step: Step, lang: Language) -> str:
    return lang("due {day}", day=lang.weekday(_day(scene, step.due_at)))


def _about(scene: Scene, lang: Language) -> str:
    """The journey and whose it is, for everyone else."""
    return f"{lang.of(scene.definition.title)} · {scene.hire.name}"


def _title(scene: Scene, lang: Language, is_hire: bool) -> str:
    return lang.of(scene.definition.title) if is_hire else _about(scene, lang)


def _step_title(scene: Scene, step: Step, lang: Language) -> str:
    return lang.of(scene.definition_of(step).title)


def _day(scene: Scene, at: datetime) -> date:
    """A moment's day where the hire is: journeys are counted in their days."""
    return at.astimezone(ZoneInfo(scene.hire.timezone)).date()

"""How a journey looks: a checklist for each of its people, and one's own way through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbot.cards import (
    Button,
    Buttons,
    Card,
    ChoiceField,
    DateField,
    Element,
    Form,
    Option,
    Progress,
    Text,
    TextField,
)
from workbot.i18n import Language
from workbot.onboarding.definitions import JourneyDefinition
from workbot.onboarding.models import Journey, State, Step
from workbot.people import Person

MOST_DONE = 5
AHEAD = 4


@dataclass(frozen=True)
class Scene:
    """A journey with everything about it, read before it is drawn."""

    journey: Journey
    definition: JourneyDefinition
    person: Person
    steps: Sequence[Step]


def checklist(scene: Scene, is_theirs: Callable[[Step], bool], lang: Language, *, is_own: bool = False) -> Card:
    """What one of the journey's people has to do so far, with a button to tick each."""
    mine = [step for step in scene.steps if is_theirs(step)]
    told = [step for step in mine if step.told]
    open_steps = [step for step in told if step.done_at is None]
    done = [step for step in told if step.done_at is not None]
    body: list[Element] = []
    if is_own:
        body.append(Text(lang.of(scene.definition.intro)))
    body.append(_progress(mine, lang))
    if scene.journey.state == State.CANCELLED:
        return Card(_title(scene, lang, is_own), (*body, Text(lang("This journey was stopped."), "muted")))
    for step in open_steps:
        body += _open_step(scene, step, lang)
    if done:
        ticked = "\n".join(f"✓ {_name(scene, step, lang)}" for step in done[-MOST_DONE:])
        body.append(Text(ticked, "muted"))
    if not open_steps:
        body.append(Text(lang("Nothing to do right now. I will write when there is.")))
    return Card(_title(scene, lang, is_own), tuple(body), tone="good" if len(done) == len(mine) else "plain")


def way(scene: Scene, lang: Language) -> Card:
    """The whole of one's own journey: what is done, what is to do, what comes."""
    mine = [step for step in scene.steps if step.assignee_id == scene.person.id]
    zone = scene.person.timezone
    body: list[Element] = [Text(lang.of(scene.definition.intro)), _progress(mine, lang)]
    for step in [step for step in mine if step.told and step.done_at is None]:
        body += _open_step(scene, step, lang)
    if coming := [step for step in mine if not step.told and step.done_at is None][:AHEAD]:
        lines = "\n".join(f"{lang.moment(step.due_at, zone)} – {_name(scene, step, lang)}" for step in coming)
        body += [Text(lang("Coming up"), "strong"), Text(lines, "muted")]
    if done := [step for step in mine if step.done_at is not None]:
        lines = "\n".join(f"✓ {_name(scene, step, lang)}" for step in done)
        body += [Text(lang("Done"), "strong"), Text(lines, "muted")]
    return Card(lang.of(scene.definition.title), tuple(body))


def owed(rows: Sequence[tuple[Scene, Step]], lang: Language) -> Card:
    """What a person has to do for others."""
    body: list[Element] = []
    for scene, step in rows:
        body.append(Text(f"{scene.person.name} – {lang.of(scene.definition.title)}", "muted"))
        body += _open_step(scene, step, lang)
    return Card(lang("What others need from you"), tuple(body))


def newly_due(scene: Scene, due: Sequence[Step], lang: Language) -> Card:
    """A short word that there is something new; the checklist has the rest."""
    title = lang.plural("One new step", "{count} new steps", len(due))
    body: list[Element] = [Text(f"{scene.person.name} – {lang.of(scene.definition.title)}", "muted")]
    for step in due:
        body += _open_step(scene, step, lang)
    return Card(title, tuple(body))


def reminder(scene: Scene, late: Sequence[Step], lang: Language) -> Card:
    body: list[Element] = [Text(lang("Perhaps it slipped through. If it is done, tick it off here."))]
    for step in late:
        body += _open_step(scene, step, lang)
    return Card(lang("Still open: {title}", title=lang.of(scene.definition.title)), tuple(body), tone="warn")


def finished(scene: Scene, lang: Language) -> Card:
    text = lang("Every step is done. Thank you, {name}, and all the best from here.", name=scene.person.first_name)
    return Card(lang("You made it"), (Text(text),), tone="good")


def finished_for_manager(scene: Scene, lang: Language) -> Card:
    title = lang.of(scene.definition.title)
    text = lang("{name} has come to the end of “{title}”. Every step is done.", name=scene.person.name, title=title)
    return Card(lang("A journey is complete"), (Text(text),), tone="good")


def none_yet(lang: Language, *, may_start: bool) -> Card:
    body: list[Element] = [Text(lang("You are on no journey, and nobody waits for you."))]
    if may_start:
        body.append(start_button(lang))
    return Card(lang("Onboarding"), tuple(body))


def start_button(lang: Language) -> Buttons:
    return Buttons((Button(lang("Start a journey for someone"), "onboarding.new", style="primary"),))


def start_form(definitions: Sequence[JourneyDefinition], lang: Language) -> Form:
    """HR's way to set somebody on a journey."""
    journeys = tuple(Option(lang.of(definition.title), definition.name) for definition in definitions)
    fields = (
        ChoiceField("journey", lang("Journey"), journeys, value=journeys[0].value if journeys else ""),
        TextField("person", lang("Whose journey?"), lang("Their work e-mail address.")),
        DateField("on", lang("First day (or last day, when leaving)")),
        TextField("buddy", lang("Buddy"), lang("Their work e-mail address, if there is a buddy."), required=False),
    )
    return Form("onboarding.start", lang("Start a journey"), fields, lang("Start"))


def started(scene: Scene, lang: Language) -> Card:
    title = lang.of(scene.definition.title)
    text = lang.plural(
        "“{title}” has begun for {name}: one step.",
        "“{title}” has begun for {name}: {count} steps.",
        len(scene.steps),
        title=title,
        name=scene.person.name,
    )
    return Card(lang("Started"), (Text(text),), tone="good")


def _open_step(scene: Scene, step: Step, lang: Language) -> list[Element]:
    defined = scene.definition.step(step.step)
    due = lang("Due {moment}", moment=lang.moment(step.due_at, scene.person.timezone))
    buttons = [Button(lang("Done"), "onboarding.done", str(step.id), "primary", hint=_name(scene, step, lang))]
    if defined.link:
        buttons.append(Button(lang("Open"), url=defined.link))
    return [
        Text(_name(scene, step, lang), "strong"),
        Text(lang.of(defined.text)),
        Text(due, "muted"),
        Buttons(tuple(buttons), _name(scene, step, lang)),
    ]


def _progress(steps: Sequence[Step], lang: Language) -> Progress:
    done = sum(step.done_at is not None for step in steps)
    label = lang("{done} of {total} steps done", done=done, total=len(steps))
    return Progress(done, len(steps), label)


def _title(scene: Scene, lang: Language, is_own: bool) -> str:
    title = lang.of(scene.definition.title)
    return title if is_own else f"{scene.person.name} – {title}"


def _name(scene: Scene, step: Step, lang: Language) -> str:
    return lang.of(scene.definition.step(step.step).title)


def ticked(scene: Scene, step: Step, lang: Language) -> Card:
    """What is answered where the checklist itself is not."""
    name = _name(scene, step, lang)
    if step.done_at is None:
        return Card(lang("“{step}” is open again", step=name))
    undo = Buttons((Button(lang("Undo"), "onboarding.undo", str(step.id)),))
    return Card(lang("Done: {step}", step=name), (undo,), tone="good")


def together(cards: Sequence[Card], lang: Language, *, may_start: bool) -> Card:
    """Several cards as one, each under its title."""
    body = list(cards[0].body)
    for card in cards[1:]:
        body += [Text(card.title, "strong"), *card.body]
    if may_start:
        body.append(start_button(lang))
    return Card(cards[0].title, tuple(body))

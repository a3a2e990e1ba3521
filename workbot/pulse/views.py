"""A survey as cards: the question at hand, thanks, the close. No card ever shows an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from workbot.cards import Button, Buttons, Card, Element, Form, Option, Progress, Select, Text, TextField, ToggleField
from workbot.errors import WorkbotError
from workbot.i18n import Language
from workbot.pulse import notice
from workbot.pulse.definitions import SCALE, Choice, Comment, Question, Scale, SurveyDefinition
from workbot.pulse.models import Wave
from workbot.pulse.service import COMMENT_FIELD, LONGEST_COMMENT, Seat

# More options than this are a list to open, not a row of buttons.
MOST_BUTTONS = 5


def invitation(seat: Seat, lang: Language) -> Card:
    """The first message: the promise, then the first question."""
    intro = Text(lang.of(seat.survey.intro))
    question = seat.survey.questions[0]
    return Card(
        lang.of(seat.survey.title),
        (intro, *_promise(seat.wave, lang), *_question(seat, question, set(), lang), _until(seat, lang)),
    )


def reminder(seat: Seat, lang: Language) -> Card:
    """The one reminder, to those of whom no answer is held."""
    text = lang("Your answer is still welcome. If you would rather not, that is fine too: I will not ask again.")
    question = seat.survey.questions[0]
    return Card(
        lang("Reminder: {title}", title=lang.of(seat.survey.title)),
        (Text(text), *_promise(seat.wave, lang), *_question(seat, question, set(), lang), _until(seat, lang)),
    )


def asking(seat: Seat, question: Question, answered: set[str], lang: Language) -> Card:
    """A question in place of the one before; `answered` are the ids of those that have been."""
    begun: tuple[Element, ...] = _promise(seat.wave, lang)
    if answered:
        said = [lang("Your answer is stored.")] if question.id not in answered else []
        short = notice.in_short(seat.wave.mode, seat.wave.k, lang)
        begun = (Text(" ".join([*said, short]), style="muted"),)
    return Card(lang.of(seat.survey.title), (*begun, *_question(seat, question, answered, lang), _until(seat, lang)))


def thanks(seat: Seat, lang: Language) -> Card:
    readers = notice.readers(seat.wave.reader_roles, lang)
    closing = lang.moment(seat.wave.closes_at, seat.place.zone)
    text = lang(
        "You can change your answers until the survey closes ({closing}). Only then are the results made; they go "
        "to {readers}.",
        closing=closing,
        readers=readers,
    )
    change = Button(lang("Change my answers"), "pulse.change", str(seat.wave.id))
    body = (
        Text(lang("Thank you! That is all."), style="strong"),
        Text(text),
        Buttons((change,)),
    )
    return Card(lang.of(seat.survey.title), body, tone="good")


def closed(seat: Seat, lang: Language) -> Card:
    """What takes the place of a question that can no longer be answered."""
    when = lang.moment(seat.wave.closed_at or seat.wave.closes_at, seat.place.zone)
    text = lang("This survey closed on {when}; whatever you had answered by then counts.", when=when)
    return Card(lang.of(seat.survey.title), (Text(text),))


def overview(seats: Sequence[Seat], lang: Language) -> Card:
    """A person's open surveys."""
    body: list[Element] = []
    for seat in seats:
        title, place = lang.of(seat.survey.title), seat.place
        label = lang("Change my answers") if place.done else lang("Continue") if place.answered else lang("Answer")
        button = Button(label, "pulse.open", str(seat.wave.id), "plain" if place.done else "primary")
        state = lang("answered, thank you") if place.done else lang("open")
        closing = lang("until {closing}", closing=lang.moment(seat.wave.closes_at, place.zone))
        body += [Text(title, style="strong"), Text(f"{state} · {closing}", style="muted"), Buttons((button,), title)]
    return Card(lang("Your surveys"), tuple(body))


def nothing_open(lang: Language) -> Card:
    text = lang("No survey is waiting for you. When one opens, I will ask you here.")
    return Card(lang("Your surveys"), (Text(text),))


def passed_over(
    survey: SurveyDefinition, day: date, refusal: WorkbotError, following: date | None, lang: Language
) -> Card:
    """What HR reads when a wave that was due did not open: why, and when the next one is due."""
    body: list[Element] = [
        Text(lang("It was due on {day} and did not open:", day=lang.weekday(day))),
        Text(lang(refusal.message, **refusal.values), style="strong"),
    ]
    if following:
        said = lang("The next one is due on {day}. Nothing needs to be done for that.", day=lang.weekday(following))
        body.append(Text(said, style="muted"))
    return Card(lang("Not opened: {title}", title=lang.of(survey.title)), tuple(body), tone="warn")


def comment_form(seat: Seat, question: Comment, *, has_written: bool, lang: Language) -> Form:
    """Where a comment is written: always empty, also when there is one.

    What is stored is never sent back: the platform would keep another copy of it, and whoever looks
    over a shoulder would read it. Instead a comment can be replaced, or removed.
    """
    hint = lang("You have written a comment. What you write here takes its place.") if has_written else ""
    field = TextField(
        COMMENT_FIELD,
        lang.of(question.text),
        hint=hint,
        required=not has_written,
        multiline=True,
        max_length=LONGEST_COMMENT,
    )
    remove = (ToggleField("remove", lang("Remove my earlier comment")),) if has_written else ()
    return Form(
        action="pulse.comment",
        title=lang("Your comment"),
        fields=(field, *remove),
        submit=lang("Store"),
        intro=_about_comment(seat.wave, lang),
        state=f"{seat.wave.id}:{question.id}",
    )


def _about_comment(wave: Wave, lang: Language) -> str:
    if wave.mode == "identified":
        return lang("It is read with your name.")
    return lang("It is shown word for word, without your name. Leave out what would give you or others away.")


def _promise(wave: Wave, lang: Language) -> tuple[Element, ...]:
    return (Text(lang.of(wave.privacy), style="muted"),)


def _until(seat: Seat, lang: Language) -> Text:
    when = lang.moment(seat.wave.closes_at, seat.place.zone)
    return Text(lang("Open until {when}", when=when), style="muted")


def _question(seat: Seat, question: Question, answered: set[str], lang: Language) -> tuple[Element, ...]:
    number = seat.survey.questions.index(question) + 1
    total = len(seat.survey.questions)
    label = lang("Question {number} of {total}", number=number, total=total)
    asked = Text(lang.of(question.text), style="strong")
    return (Progress(number - 1, total, label), asked, *_ways(seat.wave, question, answered, lang))


def _ways(wave: Wave, question: Question, answered: set[str], lang: Language) -> tuple[Element, ...]:
    """How a question can be answered, and how one can go on without."""
    value, label = f"{wave.id}:{question.id}", lang.of(question.text)
    onward = _onward(question, value, question.id in answered, lang)
    match question:
        case Comment():
            write = Button(lang("Write a comment"), "pulse.write", value, "primary")
            return (Buttons((write, *onward), label),)
        case Choice(options=options) if len(options) > MOST_BUTTONS:
            listed = tuple(Option(lang.of(option.text), f"{value}:{option.id}") for option in options)
            return (Select(label, "pulse.answer", listed), *_row(onward, label))
        case Choice(options=options):
            row = tuple(Button(lang.of(option.text), "pulse.answer", f"{value}:{option.id}") for option in options)
        case Scale():
            row = tuple(_point(question, point, value, lang) for point in SCALE)
    return (Buttons(row, label), *_row(onward, label))


def _point(question: Scale, point: int, value: str, lang: Language) -> Button:
    texts = question.label(point)
    label = f"{point} · {lang.of(texts)}" if texts else str(point)
    hint = lang("{point} of {most}", point=point, most=SCALE[-1])
    return Button(label, "pulse.answer", f"{value}:{point}", hint=hint)


def _onward(question: Question, value: str, is_answered: bool, lang: Language) -> tuple[Button, ...]:
    if is_answered:
        return (Button(lang("Keep my answer"), "pulse.skip", value),)
    return () if question.required else (Button(lang("Skip"), "pulse.skip", value),)


def _row(buttons: tuple[Button, ...], label: str) -> tuple[Element, ...]:
    return (Buttons(buttons, label),) if buttons else ()

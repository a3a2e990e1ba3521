"""A survey as cards: the question at hand, thanks, the close. No card ever shows an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from workbot.cards import Button, Buttons, Card, Element, Form, Progress, Text
from workbot.errors import WorkbotError
from workbot.i18n import Language
from workbot.pulse import promise
from workbot.pulse.definitions import SurveyDefinition
from workbot.pulse.models import Wave
from workbot.pulse.questions import Asking, Question
from workbot.pulse.service import Participant


def invitation(participant: Participant, lang: Language) -> Card:
    """The first message: the promise, then the first question."""
    intro = Text(lang.of(participant.survey.intro))
    question = participant.survey.questions[0]
    return Card(
        lang.of(participant.survey.title),
        (
            intro,
            *_promise(participant.wave, lang),
            *_question(participant, question, set(), lang),
            _until(participant, lang),
        ),
    )


def reminder(participant: Participant, lang: Language) -> Card:
    """The one reminder, to those of whom no answer is held."""
    text = lang("Your answer is still welcome. If you would rather not, that is fine too: I will not ask again.")
    question = participant.survey.questions[0]
    return Card(
        lang("Reminder: {title}", title=lang.of(participant.survey.title)),
        (
            Text(text),
            *_promise(participant.wave, lang),
            *_question(participant, question, set(), lang),
            _until(participant, lang),
        ),
    )


def asking(participant: Participant, question: Question, answered: set[str], lang: Language) -> Card:
    """A question in place of the one before; `answered` are the ids of those that have been."""
    begun: tuple[Element, ...] = _promise(participant.wave, lang)
    if answered:
        said = [lang("Your answer is stored.")] if question.id not in answered else []
        short = promise.in_short(participant.wave.mode, participant.wave.k, lang)
        begun = (Text(" ".join([*said, short]), style="muted"),)
    return Card(
        lang.of(participant.survey.title),
        (*begun, *_question(participant, question, answered, lang), _until(participant, lang)),
    )


def thanks(participant: Participant, lang: Language) -> Card:
    readers = promise.readers(participant.wave.reader_roles, lang)
    closing = lang.moment(participant.wave.closes_at, participant.participation.zone)
    text = lang(
        "You can change your answers until the survey closes ({closing}). Only then are the results made; they go "
        "to {readers}.",
        closing=closing,
        readers=readers,
    )
    change = Button(lang("Change my answers"), "pulse.change", str(participant.wave.id))
    body = (
        Text(lang("Thank you! That is all."), style="strong"),
        Text(text),
        Buttons((change,)),
    )
    return Card(lang.of(participant.survey.title), body, tone="good")


def closed(participant: Participant, lang: Language) -> Card:
    """What takes the place of a question that can no longer be answered."""
    when = lang.moment(participant.wave.closed_at or participant.wave.closes_at, participant.participation.zone)
    text = lang("This survey closed on {when}; whatever you had answered by then counts.", when=when)
    return Card(lang.of(participant.survey.title), (Text(text),))


def overview(participants: Sequence[Participant], lang: Language) -> Card:
    """A person's open surveys."""
    body: list[Element] = []
    for participant in participants:
        title, participation = lang.of(participant.survey.title), participant.participation
        label = (
            lang("Change my answers")
            if participation.done
            else lang("Continue")
            if participation.answered
            else lang("Answer")
        )
        button = Button(label, "pulse.open", str(participant.wave.id), "plain" if participation.done else "primary")
        state = lang("answered, thank you") if participation.done else lang("open")
        closing = lang("until {closing}", closing=lang.moment(participant.wave.closes_at, participation.zone))
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


def form(participant: Participant, question: Question, *, is_answered: bool, lang: Language) -> Form:
    """Where a question is answered in writing; raises Gone when it is not one of those."""
    return question.form(Asking(_reference(participant.wave, question), participant.wave.mode, is_answered), lang)


def _promise(wave: Wave, lang: Language) -> tuple[Element, ...]:
    return (Text(lang.of(wave.privacy), style="muted"),)


def _until(participant: Participant, lang: Language) -> Text:
    when = lang.moment(participant.wave.closes_at, participant.participation.zone)
    return Text(lang("Open until {when}", when=when), style="muted")


def _question(participant: Participant, question: Question, answered: set[str], lang: Language) -> tuple[Element, ...]:
    number = participant.survey.questions.index(question) + 1
    total = len(participant.survey.questions)
    label = lang("Question {number} of {total}", number=number, total=total)
    asked = Text(lang.of(question.text), style="strong")
    return (Progress(number - 1, total, label), asked, *_ways(participant.wave, question, answered, lang))


def _ways(wave: Wave, question: Question, answered: set[str], lang: Language) -> tuple[Element, ...]:
    """How a question can be answered, and how one can go on without."""
    reference, is_answered = _reference(wave, question), question.id in answered
    onward = _onward(question, reference, is_answered, lang)
    return question.ways(Asking(reference, wave.mode, is_answered, onward), lang)


def _onward(question: Question, reference: str, is_answered: bool, lang: Language) -> tuple[Button, ...]:
    if is_answered:
        return (Button(lang("Keep my answer"), "pulse.skip", reference),)
    return () if question.required else (Button(lang("Skip"), "pulse.skip", reference),)


def _reference(wave: Wave, question: Question) -> str:
    return f"{wave.id}:{question.id}"

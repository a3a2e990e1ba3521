"""What a request is asked with: the desk's own form, and the small ones of the conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from workbot.cards import ChoiceField, DateField, Field, Form, NumberField, Option, TextField, ToggleField
from workbot.cards.forms import read
from workbot.i18n import Language, language
from workbot.people import Person
from workbot.requests.definitions import DeskDefinition, FieldDefinition
from workbot.requests.models import Request
from workbot.requests.quotes import Quote, RequestDraft
from workbot.requests.views import EXCERPT, SHORT, credited, short

# No more than this in one field: told at the field, never cut.
LONGEST_TEXT = 10_000
NO_QUOTE = Quote()


def form(desk: DeskDefinition, words: str, lang: Language, quote: Quote = NO_QUOTE) -> Form:
    """A desk's form, with what was typed already in it, or with the message that it is to begin with."""
    value = short(words or quote.title, SHORT)
    empty = lang("Say in a few words what it is about.")
    label, hint = lang("What is it about?"), lang("One line that says it.")
    title = TextField("title", label, hint, max_length=SHORT, value=value, empty=empty)
    kept = {"description": words} if len(words) > SHORT else {}
    fields = tuple(_field(field, lang, kept) for field in desk.fields)
    intro = "\n".join((lang.of(desk.intro), *_quoted(quote, lang)))
    return Form(
        "requests.open", lang.of(desk.title), (title, *fields), lang("Send"), intro, str(RequestDraft(desk.name, quote))
    )


def text_form(request: Request, lang: Language, *, action: str, title: str, label: str, required: bool = True) -> Form:
    """A form of one text: a reply, a note, what was done."""
    words = _words(label, lang, required=required)
    return Form(action, f"{request.reference} · {title}", (words,), lang("Send"), state=request.reference)


def words_of(values: Mapping[str, str], author: Person, *, required: bool = True) -> str:
    """What somebody wrote into a form of one text; raises Invalid."""
    lang = language(author.locale)
    return read((_words("", lang, required=required),), values, lang)["body"].strip()


def filled(desk: DeskDefinition, values: Mapping[str, str], lang: Language) -> tuple[str, dict[str, str]]:
    """Title and details of a desk's form that was filled in; raises Invalid with what is wrong at each field."""
    known = read(form(desk, "", lang).fields, values, lang)
    title = known.pop("title").strip()
    return title, {name: value.strip() for name, value in known.items() if value}


def hand_over_form(request: Request, agents: Sequence[Person], lang: Language) -> Form:
    title = f"{request.reference} · {lang('Hand over')}"
    return Form("requests.hand_over", title, (_agents(agents, lang),), lang("Hand over"), state=request.reference)


def agent_chosen(values: Mapping[str, str], agents: Sequence[Person], chooser: Person) -> Person:
    """Who of these somebody wants to have a request; raises Invalid where it is none of them."""
    lang = language(chooser.locale)
    chosen = read((_agents(agents, lang),), values, lang)["agent"]
    return next(agent for agent in agents if str(agent.id) == chosen)


def _words(label: str, lang: Language, *, required: bool) -> TextField:
    empty = lang("Write something first.")
    return TextField("body", label, required=required, multiline=True, max_length=LONGEST_TEXT, empty=empty)


def _agents(agents: Sequence[Person], lang: Language) -> ChoiceField:
    return ChoiceField("agent", lang("To whom?"), tuple(Option(agent.name, str(agent.id)) for agent in agents))


def _quoted(quote: Quote, lang: Language) -> tuple[str, ...]:
    if not quote.text:
        return ()
    words = short(quote.text, EXCERPT)
    author = credited(quote.author, quote.claimed_by, lang)
    return (lang("The message goes along: “{words}” – {author}", words=words, author=author),)


def _field(field: FieldDefinition, lang: Language, kept: Mapping[str, str]) -> Field:
    label, hint = lang.of(field.label), lang.of(field.hint or {})
    value, options = kept.get(field.id, ""), tuple(Option(lang.of(option.label), option.id) for option in field.options)
    match field.kind:
        case "choice":
            return ChoiceField(field.id, label, options, hint, field.required, value=value)
        case "date":
            return DateField(field.id, label, hint, field.required)
        case "number":
            return NumberField(field.id, label, hint, field.required)
        case "toggle":
            return ToggleField(field.id, label, hint)
        case "text" | "multiline":
            return TextField(
                field.id,
                label,
                hint,
                field.required,
                multiline=field.kind == "multiline",
                max_length=LONGEST_TEXT,
                value=value,
            )
        case _:
            assert_never(field.kind)

"""A small feature that uses every element, every field and every kind of reply, in both languages."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from workbot.cards import (
    Attachment,
    Button,
    Buttons,
    Card,
    ChoiceField,
    DateField,
    Fact,
    Facts,
    Form,
    Image,
    NumberField,
    Option,
    Progress,
    Select,
    Table,
    Text,
    TextField,
    ToggleField,
)
from workbot.delivery import tell
from workbot.errors import Invalid, Problem, WorkbotError
from workbot.people import Person
from workbot.router import Router
from workbot.turns import Ask, Command, Message, Press, Replace, Reply, Say, Submission

ROUTER = Router()

HOSTILE = '<b onclick=alert(1)>bold</b> =HYPERLINK("http://x") {{ 7*7 }} ‮desrever‬ שלום עולם 🎉👩🏽‍💻 &amp; ​'
CHART = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 120"><rect width="320" height="120" fill="#fff"/>'
    b'<path d="M10 90 L90 60 L170 70 L250 35 L310 20" fill="none" stroke="#1f56a5" stroke-width="4"/></svg>'
)


def say(locale: str, english: str, french: str) -> str:
    return french if locale == "fr" else english


def everything(locale: str, *, image: str = "", file: str = "") -> Card:
    """A card with one of each element."""
    fr = locale == "fr"
    pictures = (Image(image, "Satisfaction en hausse, de 3,1 à 4,2" if fr else "Satisfaction rose from 3.1 to 4.2"),)
    return Card(
        "Tout ce que je sais montrer" if fr else "Everything I can show",
        (
            Text("Un paragraphe.\nUne deuxième ligne." if fr else "A paragraph.\nA second line."),
            Text("Une phrase importante." if fr else "An important sentence.", "strong"),
            Text("Une remarque discrète." if fr else "A quiet remark.", "muted"),
            Text("L’écran reste noir." if fr else "The screen stays black.", "quote"),
            Facts(
                (
                    Fact("État" if fr else "State", "Ouverte" if fr else "Open"),
                    Fact("Échéance" if fr else "Due", "24 novembre" if fr else "November 24"),
                    Fact("Guichet" if fr else "Desk", "TI" if fr else "IT"),
                )
            ),
            Progress(3, 8, "3 étapes sur 8" if fr else "3 of 8 steps"),
            *(pictures if image else ()),
            *((Attachment(file, "résultats.csv" if fr else "results.csv"),) if file else ()),
            Table(
                ("Service", "Réponses" if fr else "Responses", "Moyenne" if fr else "Mean"),
                (
                    ("Parcs" if fr else "Parks", "12", "3,8" if fr else "3.8"),
                    ("Transport", "31", "4,1" if fr else "4.1"),
                ),
                "Par service" if fr else "By department",
            ),
            Select(
                "Priorité" if fr else "Priority",
                "sample.priority",
                (Option("Normale" if fr else "Normal", "normal"), Option("Haute" if fr else "High", "high")),
                "normal",
            ),
            Buttons(
                (
                    Button("Prendre" if fr else "Take it", "sample.take", "7", "primary"),
                    Button("Décrire" if fr else "Describe it", "sample.ask", "7"),
                    Button("Annuler" if fr else "Cancel it", "sample.refuse", "7", "danger"),
                    Button("Lire la page" if fr else "Read the page", url="/chat"),
                ),
                "Que voulez-vous faire?" if fr else "What would you like to do?",
            ),
        ),
        replies="Répondre" if fr else "Reply",
    )


def form(locale: str) -> Form:
    """A form with one of each field."""
    fr = locale == "fr"
    devices = ("Portable", "Téléphone", "Écran") if fr else ("Laptop", "Phone", "Screen")
    return Form(
        action="sample.describe",
        title="Décrire le problème" if fr else "Describe the problem",
        intro="Quelques questions, une minute." if fr else "A few questions, one minute.",
        submit="Envoyer" if fr else "Send it",
        state="7",
        fields=(
            TextField("title", "En bref" if fr else "In short", max_length=80),
            TextField("more", "En détail" if fr else "In detail", required=False, multiline=True),
            ChoiceField("device", "Appareil" if fr else "Device", tuple(Option(name, name) for name in devices)),
            ChoiceField(
                "days",
                "Jours touchés" if fr else "Days affected",
                tuple(Option(day, day) for day in (("lundi", "mardi") if fr else ("Monday", "Tuesday"))),
                required=False,
                multiple=True,
            ),
            ChoiceField("floor", "Étage" if fr else "Floor", tuple(Option(str(n), str(n)) for n in range(1, 13))),
            DateField("since", "Depuis" if fr else "Since", required=False),
            NumberField(
                "people",
                "Personnes touchées" if fr else "People affected",
                hint="Vous compris." if fr else "Including you.",
                minimum=1,
                maximum=500,
            ),
            ToggleField("urgent", "Je ne peux pas travailler" if fr else "I cannot work"),
        ),
    )


@ROUTER.command("help", "aide", about="What I can do")
def _help(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
    return Say(Card(say(person.locale, "What I can do", "Ce que je sais faire"), (Text("help, everything, form"),)))


@ROUTER.command("everything", "tout", about="Every element")
def _everything(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
    return Say(everything(person.locale))


@ROUTER.command("form", "formulaire", about="A form")
def _form(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
    return Ask(form(person.locale))


@ROUTER.command("aloud", about="Say it to all")
def _aloud(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
    return Say(Card(turn.text), public=True)


@ROUTER.command("note", about="A note with a thread")
def _note(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
    card = Card(turn.text, replies=say(person.locale, "Reply", "Répondre"))
    tell(session, person, card, key=f"note:{turn.text}", subject=f"note:{turn.text}", now=now)
    return None


@ROUTER.on(Message, "note")
def _under(session: Session, turn: Message, *, person: Person, now: datetime) -> Reply:
    return Say(Card(f"{turn.text} under {turn.subject}"))


@ROUTER.on(Press, "sample.take")
def _take(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    return Replace(Card(say(person.locale, f"{person.name} took {turn.value}", f"Pris par {person.name}"), tone="good"))


@ROUTER.on(Press, "sample.ask")
def _ask(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    return Ask(form(person.locale))


@ROUTER.on(Press, "sample.refuse")
def _refuse(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    raise WorkbotError("This is no longer available. Type “help” to see what I can do.")


@ROUTER.on(Press, "sample.priority")
def _priority(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    return Say(Card(f"Priority {turn.value}"))


@ROUTER.on(Submission, "sample.describe")
def _describe(session: Session, turn: Submission, *, person: Person, now: datetime) -> Reply:
    if turn.values["title"] == "bad":
        raise Invalid({"title": Problem("This is no longer available. Type “help” to see what I can do.")})
    if turn.values["title"] == "closed":
        raise WorkbotError("This is no longer available. Type “help” to see what I can do.")
    facts = tuple(Fact(name, value) for name, value in turn.values.items())
    return Say(Card(say(person.locale, "Thank you", "Merci"), (Facts(facts),), tone="good"))

"""The longest and oddest content that the house takes, for everything that makes a card or a form.

What a maker needs is made by its annotations: a new maker needs a line here only if it takes a thing that none took
before.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from hypothesis import strategies as st
from sqlmodel import Session

import integrations.slack
import workbot
from integrations.slack.asking import Asking
from integrations.slack.reading import Where
from tests.integrations.slack.test_limits import BUTTONS, CARDS, ELEMENTS, FORMS, LOCALES, WORDS
from workbot.cards import Attachment, Button, Card, Element, Form, Image
from workbot.features import router
from workbot.i18n import Language, language
from workbot.onboarding import scenes as journeys
from workbot.onboarding.definitions import Due, JourneyDefinition, StepDefinition
from workbot.onboarding.models import Journey, Step
from workbot.onboarding.models import State as JourneyState
from workbot.people import Person
from workbot.pulse import definitions as surveys
from workbot.pulse.models import Invitation, Wave
from workbot.pulse.report import Report, Result, Share
from workbot.pulse.reporting import Edition
from workbot.pulse.service import Seat
from workbot.requests import definitions as desks
from workbot.requests import views as requests
from workbot.requests.forms import LONGEST_TEXT
from workbot.requests.models import Request, RequestEntry
from workbot.requests.models import State as RequestState
from workbot.requests.quotes import Quote
from workbot.router import CommandRoute
from workbot.turns import Reject, Say

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ZONE = "America/Toronto"
IDS = [UUID(int=number) for number in range(4)]
# As many steps as a journey may have, questions as a survey may, and more fields than any desk should.
STEPS, QUESTIONS, FIELDS = 60, 20, 40

SAID = WORDS.map(lambda words: words if words.strip() else "–")
TEXTS = st.builds(lambda en, fr: {"en": en, "fr": fr}, SAID, SAID)
NAMES = SAID.map(lambda words: words[:300])
MOMENTS = st.integers(-40, 40).map(lambda days: NOW + timedelta(days=days, hours=days))
PEOPLE = st.builds(
    Person,
    id=st.sampled_from(IDS),
    email=st.just("ada.tremblay@city.example"),
    name=NAMES,
    timezone=st.just(ZONE),
    locale=LOCALES,
    quiet_from=st.sampled_from([None, time(18, 30)]),
    quiet_until=st.sampled_from([None, time(7)]),
    preferred_platform=st.sampled_from(["", "slack", "carrier-pigeon"]),
)


def numbered(texts: Mapping[str, str], number: int) -> dict[str, str]:
    return {locale: f"{number}. {words}" for locale, words in texts.items()}


def journey_definition(
    title: dict[str, str], text: dict[str, str], closing: dict[str, str] | None
) -> JourneyDefinition:
    steps = tuple(
        StepDefinition(
            id=f"step-{n}",
            title=numbered(title, n),
            text=numbered(text, n),
            who="hire",
            due=Due(days=n),
            link="https://intranet.city.example/" + "page/" * n if n % 2 else None,
        )
        for n in range(STEPS)
    )
    return JourneyDefinition(name="new-hire", title=title, intro=text, closing=closing, steps=steps)


JOURNEYS = st.builds(journey_definition, TEXTS, TEXTS, st.one_of(st.none(), TEXTS))
ALL_STEPS = st.builds(
    lambda due, done, carriers: [
        Step(
            id=UUID(int=n),
            journey_id=IDS[0],
            step=f"step-{n}",
            position=n,
            who="hire",
            assignee_id=carriers[n % len(carriers)],
            due_at=due + timedelta(days=n - STEPS // 2),
            overdue_at=due + timedelta(days=n - STEPS // 2 + 3),
            done_at=NOW if n in done else None,
            done_by=IDS[1],
        )
        for n in range(STEPS)
    ],
    MOMENTS,
    st.sets(st.integers(0, STEPS - 1)),
    st.lists(st.sampled_from(IDS), min_size=1),
)
SCENES = st.builds(
    journeys.Scene,
    st.builds(
        Journey,
        id=st.sampled_from(IDS),
        name=st.just("new-hire"),
        definition_id=st.just(IDS[0]),
        person_id=st.just(IDS[0]),
        manager_id=st.sampled_from([None, IDS[1]]),
        buddy_id=st.sampled_from([None, IDS[2]]),
        key_date=st.just(date(2026, 11, 30)),
        state=st.sampled_from(list(JourneyState)),
        started_at=st.just(NOW),
    ),
    JOURNEYS,
    PEOPLE,
    ALL_STEPS,
    st.builds(lambda name: dict.fromkeys(IDS, name), NAMES),
)


def survey(title: dict[str, str], text: dict[str, str], kinds: Sequence[str]) -> surveys.SurveyDefinition:
    made: list[dict[str, Any]] = []
    for n in range(QUESTIONS):
        question: dict[str, Any] = {"id": f"q-{n}", "text": numbered(text, n), "kind": kinds[n % len(kinds)]}
        if question["kind"] == "scale":
            question["points"] = tuple(numbered(title, n) for n in surveys.SCALE)
        if question["kind"] == "choice":
            question["options"] = tuple({"id": f"o-{n}", "text": numbered(title, n)} for n in range(2 + n // 2 % 9))
        made.append(question)
    return surveys.SurveyDefinition.model_validate(
        {
            "name": "weekly",
            "title": title,
            "intro": text,
            "mode": "confidential",
            "open_for": {"days": 3},
            "questions": made,
            "report": {"roles": ("hr", "admin")},
        }
    )


SURVEYS = st.builds(
    survey, TEXTS, TEXTS, st.lists(st.sampled_from(["scale", "choice", "comment"]), min_size=1, max_size=5)
)
WAVES = st.builds(
    Wave,
    id=st.just(IDS[0]),
    survey=st.just("weekly"),
    number=st.integers(1, 500),
    definition_id=st.just(IDS[0]),
    mode=st.sampled_from(["identified", "confidential"]),
    k=st.just(5),
    comment_k=st.just(10),
    privacy=TEXTS,
    zone=st.just(ZONE),
    first_day=st.just(date(2026, 11, 23)),
    opens_at=st.just(NOW),
    closes_at=MOMENTS,
    closed_at=st.one_of(st.none(), MOMENTS),
)
SEATS = st.builds(
    Seat,
    WAVES,
    SURVEYS,
    st.builds(
        Invitation,
        wave_id=st.just(IDS[0]),
        person_id=st.just(IDS[0]),
        segment=st.just("Parks"),
        locale=LOCALES,
        zone=st.just(ZONE),
        due_at=st.just(NOW),
        answered=st.booleans(),
        done=st.booleans(),
    ),
)
RESULTS = st.builds(
    lambda text, labels, n: tuple(
        Result(
            f"q-{q}", f"{q}. {text}", "choice", n, tuple(Share(f"{s}. {label}", s) for s, label in enumerate(labels))
        )
        for q in range(QUESTIONS)
    ),
    SAID,
    st.lists(SAID, max_size=10),
    st.sampled_from([None, 5, 40_000]),
)
REPORTS = st.builds(
    Report,
    survey=st.just("weekly"),
    number=st.just(12),
    title=SAID,
    mode=st.just("confidential"),
    k=st.just(5),
    comment_k=st.just(10),
    promise=SAID,
    opened=st.just(date(2026, 11, 16)),
    closed=st.just(date(2026, 11, 19)),
    invited=st.just(40_000),
    n=st.sampled_from([None, 40_000]),
    rate=st.just(0.5),
    questions=st.just(()),
    results=RESULTS,
    trend=st.just(()),
    groups=st.just(()),
    comments=st.just(()),
    people=st.just(()),
    locale=LOCALES,
)
EDITIONS = st.builds(
    Edition,
    REPORTS,
    st.one_of(st.none(), st.builds(Image, st.sampled_from(["known", "gone"]), WORDS)),
    st.builds(Attachment, st.just("known"), WORDS),
)


def desk(title: dict[str, str], text: dict[str, str], hint: dict[str, str], options: int) -> desks.DeskDefinition:
    kinds = ("text", "multiline", "choice", "date", "number", "toggle")
    fields = []
    for n in range(FIELDS):
        field: dict[str, Any] = {"id": f"f-{n}", "kind": kinds[n % len(kinds)], "label": numbered(title, n)}
        if field["kind"] == "choice":
            field["options"] = tuple({"id": f"o-{n}", "label": numbered(title, n)} for n in range(options))
        fields.append(field | ({"hint": hint} if n % 3 else {}))
    return desks.DeskDefinition.model_validate(
        {
            "name": "it",
            "key": "IT",
            "title": title,
            "intro": text,
            "channel": "it",
            "promise": text,
            "fields": tuple(fields),
        }
    )


DESKS = st.builds(desk, TEXTS, TEXTS, TEXTS, st.integers(1, 100))
FILLED = WORDS.map(lambda words: words[:LONGEST_TEXT])
REQUESTS = st.builds(
    Request,
    id=st.just(IDS[0]),
    desk=st.just("it"),
    definition_id=st.just(IDS[0]),
    reference=st.sampled_from(["IT-1", "FACILITI-1000000"]),
    number=st.just(1),
    requester_id=st.just(IDS[0]),
    title=SAID.map(lambda words: words[: requests.SHORT]),
    details=st.builds(lambda value: {f"f-{n}": value for n in range(FIELDS)} | {"f-2": "o-0"}, FILLED),
    quoted=WORDS,
    quoted_author=NAMES,
    quoted_link=st.sampled_from(["", "https://city.slack.com/archives/C1/p1"]),
    state=st.sampled_from(list(RequestState)),
    opened_at=MOMENTS,
    changed_at=MOMENTS,
)
ENTRIES = st.builds(
    RequestEntry,
    request_id=st.just(IDS[0]),
    author_id=st.sampled_from([None, *IDS]),
    verb=st.sampled_from(list(requests.HAPPENED)),
    body=WORDS,
    at=MOMENTS,
    order=st.integers(0, 99),
)
ASKINGS = st.builds(Asking, st.just(Where("T1", "U1")), LOCALES, key=st.just("k" * 65))

KNOWN: dict[Any, st.SearchStrategy[Any]] = {
    str: WORDS,
    bool: st.booleans(),
    int: st.integers(0, 3),
    UUID: st.sampled_from(IDS),
    datetime: MOMENTS,
    Session: st.none(),
    Language: LOCALES.map(language),
    Person: PEOPLE,
    Card: CARDS,
    Form: FORMS,
    CommandRoute: st.sampled_from(list(router().commands.values())),
    Asking: ASKINGS,
    Button: BUTTONS,
    **dict.fromkeys(get_args(get_args(Element)[0]), ELEMENTS),
    JourneyDefinition: JOURNEYS,
    journeys.Scene: SCENES,
    journeys.Mine: st.builds(
        lambda own, owed: journeys.Mine(own, [(scene, scene.steps) for scene in owed]),
        st.lists(SCENES, max_size=2),
        st.lists(SCENES, max_size=3),
    ),
    Seat: SEATS,
    surveys.Scale: st.none(),
    surveys.Choice: st.none(),
    surveys.Comment: st.builds(
        surveys.Comment, kind=st.just("comment"), id=st.just("q-1"), text=TEXTS, required=st.booleans()
    ),
    Edition: EDITIONS,
    desks.DeskDefinition: DESKS,
    requests.Scene: st.builds(requests.Scene, REQUESTS, DESKS, PEOPLE, st.one_of(st.none(), PEOPLE)),
    Request: REQUESTS,
    RequestEntry: ENTRIES,
    Quote: st.builds(Quote, WORDS, NAMES, st.just("https://city.slack.com/archives/C1/p1")),
}
# What a name says that an annotation does not; where only one module means it so, the module is named too.
NAMED: dict[str, st.SearchStrategy[Any]] = {
    "self": st.none(),
    "zone": st.just(ZONE),
    "url": st.just("https://bot.city.example/slack/install"),
    "carrier": st.sampled_from([str(IDS[0]), str(IDS[1]), "desk:it"]),
    "missing": st.lists(st.sampled_from(["hire", "manager", "buddy", "hr", "desk:it"]), max_size=9),
    "workbot.onboarding.views:steps": ALL_STEPS,
    "workbot.requests.handlers:message": st.just("{reference} is resolved"),
    "integrations.slack.answering:reply": st.one_of(
        st.builds(Say, CARDS), st.builds(Reject, st.dictionaries(SAID, WORDS))
    ),
}


def makers() -> Iterator[str]:
    """Every function of ours in which a card or a form is made: `module:name`."""
    for package in (workbot, integrations.slack):
        root = Path(package.__file__ or "").parent
        for file in sorted(root.rglob("*.py")):
            module = ".".join([package.__name__, *file.relative_to(root).with_suffix("").parts])
            for name in _makers(ast.parse(file.read_text()).body):
                yield f"{module}:{name}"


def made_by(maker: str) -> st.SearchStrategy[Card | Form | Say]:
    """All that a maker makes of legal content."""
    module, _, name = maker.partition(":")
    function: Any = import_module(module)
    for part in name.split("."):
        function = getattr(function, part)
    hints = get_type_hints(function)
    needed = {name: _needed(module, name, hints.get(name)) for name in inspect.signature(function).parameters}
    return st.fixed_dictionaries(needed).map(_in_keeping).map(lambda given: function(**given))


def _needed(module: str, name: str, hint: Any) -> st.SearchStrategy[Any]:
    known = next((key for key in (f"{module}:{name}", name) if key in NAMED), None)
    return NAMED[known] if known else _of(hint)


def _in_keeping(given: dict[str, Any]) -> dict[str, Any]:
    """What belongs together, together: the question that is asked is one of the survey's."""
    if "seat" in given and "answered" in given:
        given["question"] = given["seat"].survey.questions[len(given["answered"])]
    return given


def _of(hint: Any) -> st.SearchStrategy[Any]:
    if hint in KNOWN:
        return KNOWN[hint]
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return st.one_of(*map(_of, inside))
    if hint is type(None):
        return st.none()
    if origin is tuple and inside[-1:] != (Ellipsis,):
        return st.tuples(*map(_of, inside))
    if origin in (tuple, Sequence, list):
        return st.lists(_of(inside[0]), max_size=6).map(tuple)
    if origin is set:
        return st.sets(_of(inside[0]), max_size=6)
    if origin in (dict, Mapping):
        return st.dictionaries(_of(inside[0]), _of(inside[1]), max_size=6)
    raise LookupError(f"say in {__name__} how {hint} is made")


def _makers(body: Sequence[ast.stmt], within: str = "") -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            yield from _makers(statement.body, f"{statement.name}.")
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and _makes(statement):
            yield within + statement.name


def _makes(function: ast.AST) -> bool:
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(isinstance(called, ast.Name) and called.id in ("Card", "Form") for called in calls)

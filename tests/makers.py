"""Everything of ours that makes a card or a form, and what each makes of the longest and oddest content.

What a maker needs is made by its annotations: a new maker needs a line here only if it takes a thing that none took
before.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from hypothesis import strategies as st
from sqlmodel import Session

from integrations.slack import parsing as slack_parsing
from integrations.slack import reply_context as slack_context
from integrations.teams import parsing as teams_parsing
from integrations.teams import reply_context as teams_context
from tests.any_cards import BUTTONS, CARDS, ELEMENTS, FORMS, LOCALES, WORDS
from tests.legal import (
    ALL_STEPS,
    DESKS,
    EDITIONS,
    ENTRIES,
    IDS,
    JOURNEYS,
    MOMENTS,
    NAMES,
    PEOPLE,
    REQUESTS,
    SAID,
    SCENES,
    SEATS,
    SURVEYS,
    TEXTS,
    ZONE,
)
from workbot.cards import Button, Card, Element, Form
from workbot.errors import WorkbotError
from workbot.features import router
from workbot.i18n import Language, language
from workbot.onboarding import queries as journeys
from workbot.onboarding.definitions import JourneyDefinition
from workbot.people import AccountClaim, Person
from workbot.pulse import definitions as surveys
from workbot.pulse.questions import Asking, Question
from workbot.pulse.questions.comment import Comment
from workbot.pulse.reporting import Edition
from workbot.pulse.service import Participant
from workbot.requests import definitions as desks
from workbot.requests import views as requests
from workbot.requests.models import Request, RequestEntry
from workbot.requests.quotes import Quote
from workbot.router import CommandRoute
from workbot.turns import Reject, Say

SLACK_CONTEXTS = st.builds(
    slack_context.ReplyContext, st.just(slack_parsing.Where("T1", "U1")), LOCALES, key=st.just("k" * 65)
)
TEAMS_CONTEXTS = st.builds(
    teams_context.ReplyContext,
    st.just(teams_parsing.Where("T1", "U1", "a:1", "https://x.example")),
    LOCALES,
    st.just("k" * 65),
)

KNOWN: dict[Any, st.SearchStrategy[Any]] = {
    str: WORDS,
    bool: st.booleans(),
    int: st.integers(0, 3),
    UUID: st.sampled_from(IDS),
    date: MOMENTS.map(datetime.date),
    datetime: MOMENTS,
    Session: st.none(),
    Language: LOCALES.map(language),
    Person: PEOPLE,
    AccountClaim: st.tuples(st.sampled_from(["slack", "teams"]), NAMES, NAMES).map(
        lambda given: AccountClaim(
            person_id=IDS[0],
            platform=given[0],
            tenant="T2",
            user="U2",
            address="T2:U2",
            name=given[1],
            organisation=given[2],
        )
    ),
    Card: CARDS,
    Form: FORMS,
    CommandRoute: st.sampled_from(list(router().commands.values())),
    slack_context.ReplyContext: SLACK_CONTEXTS,
    teams_context.ReplyContext: TEAMS_CONTEXTS,
    WorkbotError: WORDS.map(lambda words: WorkbotError(words.replace("{", "").replace("}", ""))),
    Button: BUTTONS,
    **dict.fromkeys(get_args(get_args(Element)[0]), ELEMENTS),
    JourneyDefinition: JOURNEYS,
    journeys.JourneyView: SCENES,
    journeys.Mine: st.builds(
        lambda own, owed: journeys.Mine(own, [(scene, scene.steps) for scene in owed]),
        st.lists(SCENES, max_size=2),
        st.lists(SCENES, max_size=3),
    ),
    surveys.SurveyDefinition: SURVEYS,
    Participant: SEATS,
    Question: st.none(),
    Asking: st.builds(
        Asking, st.just(f"{IDS[0]}:q-1"), st.sampled_from(["identified", "confidential"]), st.booleans(), st.just(())
    ),
    Edition: EDITIONS,
    desks.DeskDefinition: DESKS,
    requests.RequestView: st.builds(requests.RequestView, REQUESTS, DESKS, PEOPLE, st.one_of(st.none(), PEOPLE)),
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
    "workbot.pulse.questions.comment:self": st.builds(
        Comment, kind=st.just("comment"), id=st.just("q-1"), text=TEXTS, required=st.booleans()
    ),
    "workbot.requests.handlers:message": st.just("{reference} is resolved"),
    "workbot.chat.replies:reply": st.one_of(st.builds(Say, CARDS), st.builds(Reject, st.dictionaries(SAID, WORDS))),
    "workbot.chat.replies:action": st.just("slack.form"),
    "workbot.chat.replies:key": st.just("k" * 65),
}


def makers(*packages: ModuleType) -> Iterator[str]:
    """Every function of some packages in which a card or a form is made: `module:name`."""
    for package in packages:
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
    if "participant" in given and "answered" in given:
        given["question"] = given["participant"].survey.questions[len(given["answered"])]
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

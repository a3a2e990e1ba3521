"""The longest and oddest content that the app takes: people, journeys, surveys with their reports, and requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from tests.any_cards import LOCALES, WORDS
from workbot.cards import Attachment, Image
from workbot.onboarding import queries as journeys
from workbot.onboarding.definitions import JourneyDefinition
from workbot.onboarding.models import Journey, Step
from workbot.onboarding.models import State as JourneyState
from workbot.onboarding.steps import Due
from workbot.onboarding.steps.task import Task
from workbot.people import Person
from workbot.pulse import definitions as surveys
from workbot.pulse.models import Participation, Wave
from workbot.pulse.questions.scale import Scale
from workbot.pulse.report import Report, Result, Share
from workbot.pulse.reporting import Edition
from workbot.pulse.service import Participant
from workbot.requests import definitions as desks
from workbot.requests import views as requests
from workbot.requests.forms import LONGEST_TEXT
from workbot.requests.models import Request, RequestEntry
from workbot.requests.models import State as RequestState

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
        Task(
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
    journeys.JourneyView,
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
            question["points"] = tuple(numbered(title, n) for n in Scale.numbers)
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
    Participant,
    WAVES,
    SURVEYS,
    st.builds(
        Participation,
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
            f"q-{q}",
            f"{q}. {text}",
            n,
            tuple(Share(f"{s}. {label}", s) for s, label in enumerate(labels)),
            ", ".join(f"{s}. {label} ({s} %)" for s, label in enumerate(labels)),
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

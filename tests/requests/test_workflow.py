"""The table of what can be done with a request is what the service does, and all that cards offer."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from sqlmodel import Session

from tests.talk import hire
from workbot import definitions, requests
from workbot.errors import Gone, WorkbotError
from workbot.people import Person, Role
from workbot.requests import queries, service
from workbot.requests.models import Request, State
from workbot.requests.workflow import OFFERS, VERBS, Party, possible

MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)


@pytest.fixture
def people(session: Session) -> dict[str, Person]:
    for definition in definitions.read_all(requests.KIND, None).values():
        definitions.publish(session, requests.KIND, definition, now=MONDAY)
    mei, bea, ben = (hire(session, name) for name in ("Mei Lin", "Bea Novak", "Ben Roy"))
    session.add_all(Role(person_id=agent.id, name="agent:it") for agent in (bea, ben))
    session.flush()
    return {Party.REQUESTER: mei, Party.AGENT: bea, "colleague": ben}


def in_state(session: Session, people: dict[str, Person], state: State, *, is_taken: bool) -> Request:
    """A request that has come to a state; some of those that can be were taken on the way."""
    mei, bea = people[Party.REQUESTER], people[Party.AGENT]
    request = service.open_request(session, "it", mei, "A lamp", {}, now=MONDAY)
    if is_taken or state == State.TAKEN:
        service.take(session, request, bea, now=MONDAY)
    if state in (State.RESOLVED, State.CLOSED):
        service.resolve(session, request, bea, now=MONDAY)
    if state == State.CLOSED:
        service.close(session, request, mei, now=MONDAY)
    if state == State.CANCELLED:
        service.cancel(session, request, mei, now=MONDAY)
    return request


def do(session: Session, request: Request, verb: str, who: Person, people: dict[str, Person]) -> None:
    arguments = {
        "hand_over": (people["colleague"],),
        "comment": ("Any news?",),
        "note": ("A hard one.",),
        "resolve": ("A new bulb.",),
    }
    getattr(service, verb)(session, request, who, *arguments.get(verb, ()), now=MONDAY)


@pytest.mark.parametrize(("party", "state", "verb"), list(product(Party, State, VERBS)))
def test_what_the_table_allows_can_be_done_and_nothing_else(
    session: Session, people: dict[str, Person], party: Party, state: State, verb: str
) -> None:
    request = in_state(session, people, state, is_taken=False)

    if verb not in possible(party, state):
        # Whoever has it already may take it again, which changes nothing.
        is_taken = (verb, state, party) == ("take", State.TAKEN, Party.AGENT)
        with pytest.raises(WorkbotError):
            do(session, request, verb, people["colleague" if is_taken else party], people)
        assert request.state == state
        return

    do(session, request, verb, people[party], people)
    wakes = verb == "comment" and party == Party.REQUESTER and state == State.RESOLVED
    leads_to = State.OPEN if wakes else VERBS[verb].to
    has_agent = request.assignee_id is not None
    assert request.state == (State.TAKEN if leads_to == State.OPEN and has_agent else leads_to or state)


@pytest.mark.parametrize(("is_taken", "state"), [(True, State.TAKEN), (False, State.TAKEN)])
def test_what_is_opened_again_is_its_agents(
    session: Session, people: dict[str, Person], is_taken: bool, state: State
) -> None:
    request = in_state(session, people, State.CLOSED, is_taken=is_taken)

    service.reopen(session, request, people[Party.REQUESTER], now=MONDAY)

    # Whoever resolves it has it.
    assert (request.state, request.assignee_id) == (state, people[Party.AGENT].id)


@pytest.mark.parametrize(("party", "state"), list(product(Party, State)))
def test_nothing_is_offered_that_is_not_possible(party: Party, state: State) -> None:
    assert set(OFFERS[party][state]) <= possible(party, state)


def test_a_desk_whose_definition_is_gone_keeps_its_agents_and_takes_nothing_new(
    session: Session, people: dict[str, Person]
) -> None:
    request = in_state(session, people, State.OPEN, is_taken=False)
    definitions.follow_files(session, requests.KIND, {}, has_folder=True, now=MONDAY)

    service.take(session, request, people[Party.AGENT], now=MONDAY)

    assert [desk.name for desk in queries.desks_of_agent(session, people[Party.AGENT])] == ["it"]
    assert queries.desks(session) == []
    with pytest.raises(Gone):
        service.open_request(session, "it", people[Party.REQUESTER], "Another lamp", {}, now=MONDAY)

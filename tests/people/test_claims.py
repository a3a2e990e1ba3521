"""An account elsewhere that bears an address of ours becomes its person's when they confirm it, and not before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from tests.small_app import MONDAY
from workbot import features
from workbot.errors import Gone
from workbot.i18n import language
from workbot.people import (
    Account,
    AccountClaim,
    DirectoryAccount,
    LinkRule,
    Person,
    Role,
    confirm_claim,
    link_accounts,
    note_claims,
    open_claim,
    person_of,
    refuse_claim,
    unlinked,
)
from workbot.people.claims import CLAIM_LIVES
from workbot.profile import ask_owner
from workbot.turns import Press, Sender

DATABASES = ("sqlite", "postgresql")
CITY = frozenset({"city.example"})
HOME = LinkRule(is_home=True, by_email=True)
ELSEWHERE = LinkRule(is_home=False, by_email=True)
ALLOWED = LinkRule(is_home=False, by_email=True, domains=CITY)
ADA = DirectoryAccount("U1", "T2/U1", "Ada@City.example", name="Ada T.")
SENDER = Sender("slack", "U1", "T2")


@pytest.fixture
def ada(session: Session) -> Person:
    return person(session, "Ada Tremblay", "ada@city.example")


def person(session: Session, name: str, email: str, *roles: str) -> Person:
    made = Person(email=email, name=name, timezone="America/Toronto", locale="en")
    session.add(made)
    session.flush()
    session.add_all(Role(person_id=made.id, name=role) for role in roles)
    session.flush()
    return made


def seen(session: Session, rule: LinkRule, *listed: DirectoryAccount) -> None:
    """What a comparison does."""
    link_accounts(session, "slack", "T2", listed, rule)
    note_claims(session, "slack", "T2", listed, rule, organisation="Schools", now=MONDAY)


def claim_of(session: Session) -> AccountClaim:
    return session.exec(select(AccountClaim)).one()


def reasons(session: Session) -> list[tuple[str, list[str]]]:
    return unlinked(session, "slack", language("en"))


@pytest.mark.parametrize("rule", [ELSEWHERE, ALLOWED])
@pytest.mark.parametrize("role", ["", "hr", "admin"])
def test_no_address_alone_links_anyone_outside_the_home(session: Session, rule: LinkRule, role: str) -> None:
    person(session, "Ada Tremblay", "ada@city.example", *([role] if role else []))

    seen(session, rule, ADA)

    assert person_of(session, SENDER) is None
    assert session.exec(select(Account)).all() == []


def test_at_home_an_address_is_enough(session: Session, ada: Person) -> None:
    seen(session, HOME, ADA)

    assert person_of(session, SENDER) == ada
    assert session.exec(select(AccountClaim)).all() == []


def test_who_confirms_is_known_from_then_on(session: Session, ada: Person) -> None:
    seen(session, ALLOWED, ADA)
    ask_owner(session, SENDER, now=MONDAY)

    confirm_claim(session, ada, claim_of(session).id, now=MONDAY)
    session.flush()

    assert person_of(session, SENDER) == ada
    seen(session, ALLOWED, ADA)
    assert person_of(session, SENDER) == ada
    assert session.exec(select(AccountClaim)).all() == []


def test_nobody_confirms_what_is_anothers_or_was_never_asked(session: Session, ada: Person) -> None:
    eve = person(session, "Eve Other", "eve@city.example")
    seen(session, ALLOWED, ADA)
    with pytest.raises(Gone):
        confirm_claim(session, ada, claim_of(session).id, now=MONDAY)
    ask_owner(session, SENDER, now=MONDAY)

    with pytest.raises(Gone):
        confirm_claim(session, eve, claim_of(session).id, now=MONDAY)
    with pytest.raises(Gone):
        confirm_claim(session, ada, claim_of(session).id, now=MONDAY + CLAIM_LIVES + timedelta(seconds=1))
    assert person_of(session, SENDER) is None


def test_what_the_settings_allow_no_more_is_not_confirmed_any_more(session: Session, ada: Person) -> None:
    seen(session, ALLOWED, ADA)
    ask_owner(session, SENDER, now=MONDAY)
    seen(session, ELSEWHERE, ADA)

    with pytest.raises(Gone):
        confirm_claim(session, ada, claim_of(session).id, now=MONDAY)


def test_who_said_no_is_not_asked_again(session: Session, ada: Person) -> None:
    seen(session, ALLOWED, ADA)
    ask_owner(session, SENDER, now=MONDAY)
    refuse_claim(session, ada, claim_of(session).id, now=MONDAY)
    seen(session, ALLOWED, ADA)

    assert open_claim(session, SENDER) is None
    with pytest.raises(Gone):
        confirm_claim(session, ada, claim_of(session).id, now=MONDAY)
    assert reasons(session) == [("Schools: they have said that it is not theirs", ["Ada Tremblay"])]


def test_an_account_that_bears_anothers_address_now_asks_them(session: Session, ada: Person) -> None:
    bob = person(session, "Bob Lee", "bob@city.example")
    seen(session, ALLOWED, ADA)
    ask_owner(session, SENDER, now=MONDAY)

    seen(session, ALLOWED, DirectoryAccount("U1", "T2/U1", "bob@city.example"))

    assert (claim_of(session).person_id, claim_of(session).asked_at) == (bob.id, None)
    with pytest.raises(Gone):
        confirm_claim(session, ada, claim_of(session).id, now=MONDAY)


@pytest.mark.parametrize(
    ("rule", "known", "why"),
    [
        (ELSEWHERE, ADA, "it is not in the home workspace or tenant"),
        (ALLOWED, ADA, "they have not confirmed yet"),
        (ALLOWED, DirectoryAccount("U1", "T2/U1", unverified="ada@city.example"), "its address is not verified there"),
        (HOME, DirectoryAccount("U1", "T2/U1", "ada@city.example", stranger="a guest in Slack"), "a guest in Slack"),
        (LinkRule(is_home=True, by_email=False), ADA, "accounts are linked by the ids of the people file alone"),
        (LinkRule(False, True, frozenset({"other.example"})), ADA, "it is not in the home workspace or tenant"),
    ],
)
def test_who_cannot_be_linked_is_said_with_the_reason(
    session: Session, ada: Person, rule: LinkRule, known: DirectoryAccount, why: str
) -> None:
    seen(session, rule, known)

    ((reason, names),) = reasons(session)
    assert reason.startswith(f"Schools: {why}")
    assert names == [ada.name]


def test_a_domain_is_not_allowed_by_how_it_ends() -> None:
    assert ALLOWED.may_ask("ada@CITY.example")
    assert not ALLOWED.may_ask("ada@notcity.example")
    assert not ALLOWED.may_ask("ada@city.example.evil.example")
    assert not ALLOWED.may_ask("city.example")


def test_the_buttons_of_the_question_are_routed() -> None:
    assert {"profile.claim_confirm", "profile.claim_refuse"} <= features.router().routes[Press].keys()

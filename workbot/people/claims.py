"""Accounts that bear the address of one of ours and are not theirs yet: why not, and what the person says to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from workbot.errors import Gone
from workbot.events import Subject, Verb, record
from workbot.i18n import N_, Language
from workbot.people.linking import DirectoryAccount, LinkRule, accounts_there, in_parts, people_without
from workbot.people.models import Account, AccountClaim, Person
from workbot.people.service import reachable
from workbot.turns import Sender

# Why an account is not linked. The first can be helped by the person themselves.
UNCONFIRMED = N_("they have not confirmed yet that it is theirs")
REFUSED = N_("they have said that it is not theirs")
ELSEWHERE = N_("it is not in the home workspace or tenant, and the people file does not name its id")
TWICE = N_("several accounts have this address")
UNVERIFIED = N_("its address is not verified there")
BY_ID_ONLY = N_("accounts are linked by the ids of the people file alone")
# How long a person has for an answer; whoever speaks to us later is asked about anew.
CLAIM_LIVES = timedelta(days=7)
CONFIRMED, DENIED = Verb("people.confirm_account", "platform"), Verb("people.refuse_account", "platform")


def note_claims(
    session: Session,
    platform: str,
    tenant: str,
    listed: Sequence[DirectoryAccount],
    rule: LinkRule,
    *,
    organisation: str,
    now: datetime,
) -> None:
    """Note, of accounts as their platform lists them, which bear the address of one of ours and are nobody's."""
    linked = accounts_there(session, platform, tenant, [known.user for known in listed])
    loose = [one for one in listed if one.user not in linked or linked[one.user].access_ended_at]
    owners = people_without(session, platform, sorted({_address(known) for known in loose if _address(known)}))
    wanted = {known.user: known for known in loose if _address(known) in owners}
    kept = _kept(session, platform, tenant, [known.user for known in listed])
    for user, claim in kept.items():
        if user not in wanted:
            session.delete(claim)
    for user, known in wanted.items():
        owner = owners[_address(known)]
        claim = kept.get(user) or AccountClaim(
            person_id=owner, platform=platform, tenant=tenant, user=user, address="", reason="", seen_at=now
        )
        if claim.person_id != owner:
            claim.asked_at = claim.refused_at = None
        claim.person_id, claim.address, claim.seen_at = owner, known.address, now
        claim.name, claim.organisation, claim.reason = known.name, organisation, _reason(known, claim, rule)
        session.add(claim)
    session.flush()


def open_claim(session: Session, sender: Sender) -> AccountClaim | None:
    """The claim of an account whose person may confirm it."""
    claim = _kept(session, sender.platform, sender.tenant, [sender.user]).get(sender.user)
    return claim if claim and claim.reason == UNCONFIRMED else None


def confirm(session: Session, person: Person, claim_id: UUID, *, now: datetime) -> AccountClaim:
    """Make an account the person's who says that it is; raises Gone when it can be so no more."""
    claim = _of(session, person, claim_id, now)
    taken = accounts_there(session, claim.platform, claim.tenant, [claim.user]).get(claim.user)
    if claim.reason != UNCONFIRMED or (taken and not taken.access_ended_at):
        raise Gone("This is no longer available. Type “help” to see what I can do.")
    account = taken or Account(person_id=person.id, platform=claim.platform, user=claim.user, address="")
    account.person_id, account.tenant, account.address = person.id, claim.tenant, claim.address
    account.access_ended_at = None
    reachable(account)
    session.add(account)
    session.delete(claim)
    record(session, CONFIRMED, Subject(f"person:{person.id}"), by=person.id, now=now, platform=claim.platform)
    return claim


def refuse(session: Session, person: Person, claim_id: UUID, *, now: datetime) -> AccountClaim:
    """Note that an account is not the person's whose address it bears: they are not asked again."""
    claim = _of(session, person, claim_id, now)
    claim.refused_at, claim.reason = now, REFUSED
    session.add(claim)
    record(session, DENIED, Subject(f"person:{person.id}"), by=person.id, now=now, platform=claim.platform)
    return claim


def unlinked(session: Session, platform: str, lang: Language) -> list[tuple[str, list[str]]]:
    """Whose accounts cannot be linked, by why, in the reader's language."""
    wanted = (
        select(AccountClaim.reason, AccountClaim.organisation, Person.name)
        .join(Person)
        .where(AccountClaim.platform == platform, col(Person.active))
        .order_by(AccountClaim.reason, AccountClaim.organisation, Person.name)
    )
    found: dict[tuple[str, str], list[str]] = {}
    for reason, organisation, name in session.exec(wanted):
        found.setdefault((reason, organisation), []).append(name)
    return [
        (f"{organisation}: {lang(reason)}" if organisation else lang(reason), names)
        for (reason, organisation), names in found.items()
    ]


def forget_claims(session: Session, platform: str, tenant: str, *, before: datetime) -> None:
    """Drop what was last seen before a list was read whole: it is not so any more."""
    old = (col(AccountClaim.platform) == platform, col(AccountClaim.tenant) == tenant)
    session.execute(delete(AccountClaim).where(*old, col(AccountClaim.seen_at) < before))


def _address(known: DirectoryAccount) -> str:
    return (known.email or known.unverified).lower()


def _reason(known: DirectoryAccount, claim: AccountClaim, rule: LinkRule) -> str:
    if known.stranger:
        return known.stranger
    if not known.email:
        return UNVERIFIED
    if not rule.by_email:
        return BY_ID_ONLY
    if rule.is_home or known.is_twin:
        return TWICE
    if not rule.may_ask(known.email):
        return ELSEWHERE
    return REFUSED if claim.refused_at else UNCONFIRMED


def _of(session: Session, person: Person, claim_id: UUID, now: datetime) -> AccountClaim:
    claim = session.get(AccountClaim, claim_id)
    if claim is None or claim.person_id != person.id or claim.asked_at is None or claim.asked_at < now - CLAIM_LIVES:
        raise Gone("This is no longer available. Type “help” to see what I can do.")
    return claim


def _kept(session: Session, platform: str, tenant: str, users: Sequence[str]) -> dict[str, AccountClaim]:
    wanted = select(AccountClaim).where(AccountClaim.platform == platform, AccountClaim.tenant == tenant)
    return {
        claim.user: claim
        for some in in_parts(users)
        for claim in session.exec(wanted.where(col(AccountClaim.user).in_(some)))
    }

"""The loft: who comes to it, and what leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from hmac import compare_digest

from sqlmodel import Session, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.pigeon.models import Letter
from tests.pigeon.render import answer, letter
from tests.pigeon.settings import PigeonSettings
from workbot.errors import DeliveryError
from workbot.i18n import Language, language
from workbot.people import Account, Channel, person_of
from workbot.platforms import Diagnostic, Host, Limits, Outgoing
from workbot.turns import Message, Sender

NAME = "pigeon"


class Pigeons:
    """Letters fly in, letters fly out; a pigeon may be lost, so the same letter may have to be sent twice."""

    name = NAME
    limits = Limits(per_second=50, burst=10)
    takes_once = False

    def __init__(self, host: Host, settings: PigeonSettings) -> None:
        self.host = host
        self.settings = settings

    def routes(self) -> Sequence[BaseRoute]:
        return (
            Route("/pigeon/arrivals", self.arrived, methods=["POST"]),
            Route("/pigeon/letters", self.letters),
        )

    async def arrived(self, request: Request) -> Response:
        """A letter: `{"id": …, "ring": …, "text": …}`; what is said back is the answer."""
        if not self._is_the_keeper(request):
            return Response(status_code=401)
        arrival = await request.json()
        sender = Sender(NAME, arrival["ring"])
        reply = await self.host.receive(Message(sender=sender, id=arrival["id"], text=arrival["text"]))
        lang = await self.host.database.read(partial(_language, sender=sender, otherwise=self.host.settings.locale))
        return JSONResponse({"answer": answer(reply, self.host.settings.url, lang)})

    async def letters(self, request: Request) -> Response:
        """The letters for an address, oldest first."""
        if not self._is_the_keeper(request):
            return Response(status_code=401)
        waiting = partial(letters_at, address=request.query_params["address"])
        return JSONResponse(await self.host.database.read(waiting))

    async def deliver(self, outgoing: Outgoing) -> str:
        if self.settings.endangers(outgoing.address):
            raise DeliveryError("hawks are about", doubtful=True)
        return await self.host.database.run(partial(_write, outgoing=outgoing))

    async def check(self) -> str:
        return ""

    async def diagnose(self, lang: Language) -> Sequence[Diagnostic]:
        if self.settings.hawks:
            where = lang.listed(self.settings.hawks.split())
            return [Diagnostic(lang("Hawks are about over {where}: keep your pigeons in.", where=where), "warning")]
        return [Diagnostic(lang("The sky is clear."))]

    async def close(self) -> None:
        return None

    def _is_the_keeper(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return compare_digest(given.encode(), self.settings.secret.get_secret_value().encode())


def letters_at(session: Session, *, address: str, thread: str = "") -> list[str]:
    wanted = select(Letter.text).where(Letter.address == address, Letter.thread == thread)
    return list(session.exec(wanted.order_by(Letter.id)))


def _write(session: Session, *, outgoing: Outgoing) -> str:
    """Write a letter or, where it refers to one, that one anew."""
    if not _is_known(session, outgoing.address):
        raise DeliveryError("no pigeon knows the way", permanent=True)
    there = session.get(Letter, int(outgoing.reference)) if outgoing.reference else None
    there = there or Letter(address=outgoing.address, thread=outgoing.thread, text="")
    there.text = letter(outgoing.card)
    session.add(there)
    session.flush()
    return str(there.id)


def _is_known(session: Session, address: str) -> bool:
    accounts = select(Account.id).where(Account.platform == NAME, Account.address == address)
    channels = select(Channel.id).where(Channel.platform == NAME, Channel.address == address)
    return any(session.exec(found).first() for found in (accounts, channels))


def _language(session: Session, *, sender: Sender, otherwise: str) -> Language:
    person = person_of(session, sender)
    return language(person.locale if person else otherwise)

"""Whatever goes wrong, people get a page of ours in their language, with what they typed; programs get a sentence."""

from __future__ import annotations

from http import HTTPStatus
from uuid import uuid4

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbot.errors import DatabaseAway, NotNow, TooMuch
from workbot.web.again import SENT, Sent
from workbot.web.answers import WORTH_ANOTHER_TRY, Answers, Failure

log = structlog.get_logger(__name__)


class Failures:
    """The outermost of all: what nobody else has answered becomes an answer here, and a line in the log."""

    def __init__(self, app: ASGIApp, answers: Answers) -> None:
        self.app = app
        self.answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent, has_begun = Sent(Headers(scope=scope)), False
        scope[SENT] = sent

        async def sending(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, sent.heard(receive), sending)
        except ClientDisconnect:
            # Nobody is there to be answered.
            return
        except Exception as error:
            if has_begun:
                raise
            failure = failure_of(error, scope["path"])
            if failure.status in WORTH_ANOTHER_TRY:
                await sent.finish(receive)
            response = await self.answers.to(Request(scope, receive), failure)
            await response(scope, receive, send)


def failure_of(error: Exception, path: str) -> Failure:
    """What an error means for whoever asked. What is our own mistake is logged with where it came from."""
    # No more of the address: that of a link to sign in is a secret.
    named = {"page": "/" + path.lstrip("/").partition("/")[0][:40]}
    match error:
        case HTTPException(status_code=status, headers=headers):
            return Failure(status, headers=dict(headers or {}))
        case TooMuch(after=after):
            return Failure(HTTPStatus.TOO_MANY_REQUESTS, error, after=after)
        case NotNow(after=after):
            return Failure(HTTPStatus.SERVICE_UNAVAILABLE, error, after=after)
    if isinstance(error, DatabaseAway | OperationalError | InterfaceError | NoneFree):
        log.error("web.unavailable", error=type(error).__name__, **named)
        return Failure(HTTPStatus.SERVICE_UNAVAILABLE)
    incident = uuid4().hex[:8]
    log.error("web.failed", incident=incident, exc_info=error, **named)
    return Failure(HTTPStatus.INTERNAL_SERVER_ERROR, incident=incident)

"""A process of the app among others: it delivers, and takes the turns it is given, until it is killed.

    python -m tests.crash.hand DATABASE POST_OFFICE LEASE_SECONDS [PER_SECOND]

A line on its standard input is a request that somebody opens, by its number; it is answered with the number
and what the person was told. The platform repeats what is not answered, to any process.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta

from tests.postoffice.platform import PostOffice
from workbot import log
from workbot.app import App
from workbot.cards import plain_text
from workbot.delivery import sender, sending
from workbot.platforms import Limits
from workbot.settings import Settings
from workbot.storage.database import Database
from workbot.turns import Say, Sender, Submission

SECRET = "k" * 40


def house_at(url: str, office: str, per_second: float = 0) -> App:
    """The app at a post office that it writes to at most so often (0: without limit)."""
    limits = Limits(per_second=per_second, burst=3, conversation=((1, 1.0),)) if per_second else Limits()
    settings = Settings.model_validate({"secret_key": SECRET, "base_url": "http://127.0.0.1"})
    return App(settings, database=Database(url), builders={"post": lambda host: PostOffice(office, limits)})


async def work(url: str, office: str, per_second: float) -> None:
    app = house_at(url, office, per_second)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    taking: set[asyncio.Task[None]] = set()
    async with app.running():
        while line := await lines.readline():
            task = asyncio.create_task(_take(app, **json.loads(line)))
            taking.add(task)
            task.add_done_callback(taking.discard)


async def _take(app: App, *, number: int, user: str) -> None:
    values = {"title": f"Request {number}", "kind": "broken", "urgency": "blocked", "description": "It beeps"}
    sender = Sender(platform="post", user=user)
    turn = Submission(sender=sender, id=f"turn-{number}", action="requests.open", values=values, state="it")
    reply = await app.receive(turn)
    told = plain_text(reply.card) if isinstance(reply, Say) else repr(reply)
    if "our mistake" in told or (isinstance(reply, Say) and reply.unsaved):
        # Nothing was changed, and the person was told so: as they do, the driver tries again.
        return
    print(json.dumps({"number": number, "told": told}), flush=True)


if __name__ == "__main__":
    log.configure(as_json=True)
    sender.LEASE = timedelta(seconds=float(sys.argv[3]))
    sending.CALL_SECONDS = float(sys.argv[3]) / 2
    asyncio.run(work(sys.argv[1], sys.argv[2], float((*sys.argv, 0)[4])))

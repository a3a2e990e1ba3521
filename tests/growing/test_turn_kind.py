"""A new kind of turn is its class and its line in the router's table."""

from __future__ import annotations

import json

from tests.growing.tree import ROOT, ScratchTree

CLASS = '''
@dataclass(frozen=True, slots=True, kw_only=True)
class Knock(Turn):
    """Somebody knocks at a door."""

    door: str


@dataclass(frozen=True, slots=True)
class Say:
'''
USE = f"""
import json, sys, tempfile
sys.path.append({str(ROOT)!r})
import asyncio
from sqlmodel import SQLModel
from migrations import models
from tests.small_app import MONDAY
from tests.talk import Talk, hire
from workbot.cards import Card
from workbot.jobs import Jobs
from workbot.router import Router
from workbot.storage.database import Database
from workbot.turns import Knock, Say, Sender

ROUTER = Router()

@ROUTER.on(Knock, "front")
def knock(session, turn, *, person, now):
    return Say(Card(f"Come in, {{person.name}}"))

database = Database("sqlite:///" + tempfile.mkdtemp() + "/app.db")
SQLModel.metadata.create_all(database.engine)
talk = Talk(database, ROUTER, Jobs(), at=MONDAY)
with database.session() as session:
    ada = hire(session, "Ada Roy")
told = {{}}
for number, door in enumerate(["front", "front", "back"]):
    turn = Knock(sender=talk._sender(ada), id=str(number // 2), door=door)
    reply = asyncio.run(talk.dispatch.receive(turn))
    told[f"{{number}} {{door}}"] = reply.card.title
print(json.dumps(told))
"""


def test_a_new_kind_of_turn_touches_two_files_and_is_routed_answered_and_taken_once(tree: ScratchTree) -> None:
    tree.edit("workbot/turns.py", "\n@dataclass(frozen=True, slots=True)\nclass Say:\n", CLASS)
    tree.edit(
        "workbot/router.py", "    HomeOpened: Kind(", "    Knock: Kind(lambda turn: turn.door),\n    HomeOpened: Kind("
    )
    tree.edit("workbot/router.py", "    HomeOpened,\n", "    HomeOpened,\n    Knock,\n")

    told = json.loads(tree.run(USE).splitlines()[-1])

    assert len(tree.touched) == 2
    assert told["0 front"] == told["1 front"] == "Come in, Ada Roy"
    assert told["2 back"] != "Come in, Ada Roy"

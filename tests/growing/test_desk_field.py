"""A new kind of field of a desk's form is named in the definition, and says which field of a form it is."""

from __future__ import annotations

import json

from tests.growing.tree import ROOT, ScratchTree

DESK = """\
name: stores
key: STO
title: {en: Stores, fr: Magasin}
intro: {en: Things., fr: Choses.}
channel: stores
promise: {en: Soon., fr: Bientôt.}
fields:
  - {id: size, kind: size, label: {en: Which size?, fr: Quelle taille?}, required: true}
"""
USE = f"""
import json, sys, tempfile
from pathlib import Path
sys.path.append({str(ROOT)!r})
from sqlmodel import SQLModel
from migrations import models
from tests.small_app import MONDAY
from tests.talk import Talk, hire
from workbot import definitions, requests
from workbot.storage.database import Database
from workbot.turns import Ask, Reject

folder = Path(tempfile.mkdtemp())
(folder / "desks").mkdir()
(folder / "desks" / "stores.yaml").write_text({DESK!r})
database = Database(f"sqlite:///{{folder}}/app.db")
SQLModel.metadata.create_all(database.engine)
talk = Talk(database, requests.ROUTER, requests.JOBS, at=MONDAY)
with database.session() as session:
    desk = definitions.read(requests.KIND, folder / "desks" / "stores.yaml").definition
    definitions.publish(session, requests.KIND, desk, now=MONDAY)
    ada = hire(session, "Ada Roy")
asked = talk.type(ada, "request stores A coat")
wrong = talk.submit(ada, asked.form, size="XXS")
right = talk.submit(ada, asked.form, size="L")
talk.wait()
print(json.dumps({{"label": asked.form.fields[1].label, "wrong": dict(wrong.errors), "right": right.card.title,
                  "seen": talk.sees(ada)}}))
"""


def test_a_new_kind_of_field_touches_two_files_and_is_asked_checked_and_shown(tree: ScratchTree) -> None:
    tree.edit("workbot/requests/definitions.py", '"number", "toggle"]', '"number", "toggle", "size"]')
    tree.edit(
        "workbot/requests/forms.py",
        '        case "toggle":\n',
        '        case "size":\n'
        '            sizes = tuple(Option(size, size) for size in ("S", "M", "L"))\n'
        "            return ChoiceField(field.id, label, sizes, hint, field.required)\n"
        '        case "toggle":\n',
    )

    seen = json.loads(tree.run(USE).splitlines()[-1])

    assert len(tree.touched) == 2
    assert seen["label"] == "Which size?"
    assert seen["wrong"] == {"size": "Please choose from the list."}
    assert seen["right"] == "Got it"
    assert "A coat" in seen["seen"]
    assert "Which size? L\n" in seen["seen"]

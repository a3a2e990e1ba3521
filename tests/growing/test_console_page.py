"""A new page of the console is a module, its template, and its line in the table of pages."""

from __future__ import annotations

import json

from tests.growing.tree import ROOT, ScratchTree

MODULE = '''"""Who has a birthday."""

from workbot.console.page_context import PageContext


async def listing(visit: PageContext):
    return await visit.page("birthdays.html", names=["Ada <b>Roy</b>"])
'''
TEMPLATE = """{% extends "layout.html" %}
{% block title %}{{ lang("People") }}{% endblock %}
{% block body %}<h1>{{ lang("People") }}</h1>{% for name in names %}<p>{{ name }}</p>{% endfor %}{% endblock %}
"""
USE = f"""
import json, sys, tempfile
sys.path.append({str(ROOT)!r})
from sqlmodel import SQLModel
from migrations import models
from tests.console.town import Town
from workbot.storage.database import Database

database = Database("sqlite:///" + tempfile.mkdtemp() + "/app.db")
SQLModel.metadata.create_all(database.engine)
town = Town(database)
seen = {{}}
for name, person in [("hr", town.priya), ("agent", town.etienne), ("nobody", None)]:
    answer = town.visit(person).get("/console/birthdays", follow_redirects=False)
    seen[name] = [answer.status_code, answer.text]
print(json.dumps(seen))
"""


def test_a_new_page_touches_three_files_and_opens_to_those_it_names(tree: ScratchTree) -> None:
    tree.add("workbot/console/birthdays.py", MODULE)
    tree.add("workbot/console/templates/birthdays.html", TEMPLATE)
    tree.edit(
        "workbot/console/__init__.py",
        "from workbot.console import campaigns,",
        "from workbot.console import birthdays, campaigns,",
    )
    tree.edit(
        "workbot/console/__init__.py",
        '    Page("/console/people", people.listing, sees_people),\n',
        '    Page("/console/people", people.listing, sees_people),\n'
        '    Page("/console/birthdays", birthdays.listing, sees_people),\n',
    )

    seen = json.loads(tree.run(USE).splitlines()[-1])

    assert len(tree.touched) == 3
    assert seen["hr"][0] == 200
    assert "<p>Ada &lt;b&gt;Roy&lt;/b&gt;</p>" in seen["hr"][1]
    assert "Priya Nair" in seen["hr"][1]
    assert seen["agent"][0] == 403
    assert "Cette page ne vous est pas ouverte" in seen["agent"][1]
    assert seen["nobody"][0] == 303

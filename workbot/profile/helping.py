"""Help: what there is to say, read off the table of everything that is routed."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from workbot.errors import Gone
from workbot.i18n import N_, language
from workbot.people import Person
from workbot.profile import views
from workbot.router import Router
from workbot.turns import Command, Press, Reply, Say


def help_about(everything: Router) -> Router:
    """The routes of `help`, which lists the commands of `everything` and runs one by a button."""
    router = Router()

    @router.command("help", "aide", "?", about=N_("See what I can do"), usage=N_("help"))
    def help_typed(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
        return Say(views.help_card(list(everything.commands.values()), language(person.locale)))

    @router.on(Press, "profile.help")
    def help_pressed(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
        return Say(views.help_card(list(everything.commands.values()), language(person.locale)))

    @router.on(Press, "profile.command")
    def run(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
        route = everything.commands.get(turn.value)
        if route is None:
            raise Gone("I do not know this word any more. Type “help” to see what I can do.")
        typed = Command(sender=turn.sender, id=turn.id, channel=turn.channel, name=route.name)
        return everything.reply(session, typed, person=person, now=now)

    return router

"""Cards and replies as a pigeon carries them: in words."""

from __future__ import annotations

from workbot.cards import Card, Table, plain_text
from workbot.i18n import Language
from workbot.turns import Ask, Replace, Reply, Say


def letter(card: Card) -> str:
    captions = [element.caption for element in card.body if isinstance(element, Table)]
    return "\n".join([plain_text(card), *captions])


def answer(reply: Reply, url: str, lang: Language) -> str:
    """What goes back at once, empty for nothing; a form is too wide for a pigeon."""
    match reply:
        case Say(card=card) | Replace(card=card):
            return letter(card)
        case Ask(form=form):
            return lang("“{title}” does not fit on a pigeon: fill it in at {url}.", title=form.title, url=f"{url}/chat")
        case _:
            return ""

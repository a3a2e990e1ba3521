"""What people are promised before the first question, made from the settings that are enforced."""

from __future__ import annotations

from collections.abc import Iterable

from workbot.i18n import LOCALES, N_, Language, language
from workbot.pulse.definitions import SurveyDefinition

AGENT = "agent:"
ROLE_NAMES = {"hr": N_("the HR department"), "admin": N_("the administrators"), "auditor": N_("the auditors")}


def promise_text(definition: SurveyDefinition) -> dict[str, str]:
    """The promise in every language, one sentence or two to a line."""
    return {locale: "\n".join(_lines(definition, language(locale))) for locale in LOCALES}


def in_short(mode: str, k: int, lang: Language) -> str:
    """The promise in one line, for where it has been given in full before."""
    if mode == "identified":
        return lang("Your answers are read with your name.")
    return lang("Confidential: no group of fewer than {k} people is ever shown.", k=k)


def _lines(definition: SurveyDefinition, lang: Language) -> list[str]:
    who = readers(definition.report.roles, lang)
    own = _identified(who, lang) if definition.mode == "identified" else _confidential(definition, who, lang)
    return [*own, *_always(definition, lang)]


def readers(roles: Iterable[str], lang: Language) -> str:
    """Who may read the results, in words."""
    return lang.listed([_role_name(role, lang) for role in dict.fromkeys(roles)])


def _role_name(role: str, lang: Language) -> str:
    if role.startswith(AGENT):
        return lang("the agents of the desk “{desk}”", desk=role.removeprefix(AGENT))
    return lang(ROLE_NAMES.get(role, role))


def _identified(who: str, lang: Language) -> list[str]:
    return [lang("This survey is not anonymous: {readers} will see what you answered, with your name.", readers=who)]


def _confidential(definition: SurveyDefinition, who: str, lang: Language) -> list[str]:
    return [
        lang(
            "This survey is confidential. Results go to {readers} after it closes, and no group of fewer than {k} "
            "people is ever shown.",
            readers=who,
            k=definition.k,
        ),
        lang(
            "It is not anonymous: this system stores your answers so that you can change them until the close, and "
            "knows that you answered so that it does not remind you. It gives nobody a list of either."
        ),
    ]


def _always(definition: SurveyDefinition, lang: Language) -> list[str]:
    lines = [
        lang(
            "The chat platform carries your message too, and your employer may keep a copy there; for more privacy, "
            "answer on the web page of this bot."
        )
    ]
    if definition.written:
        lines.append(_about_comments(definition, lang))
    return lines


def _about_comments(definition: SurveyDefinition, lang: Language) -> str:
    if definition.mode == "identified":
        return lang("Comments are shown word for word.")
    return lang(
        "Comments are shown word for word, in mixed order, and only when there are at least {count}; a name that you "
        "write in one stays there.",
        count=definition.comment_k,
    )

"""Why a message did not arrive, as HR would say it: the outbox keeps the words of platforms and servers."""

from __future__ import annotations

from workbot import plugins
from workbot.delivery.reconciler import DIED
from workbot.i18n import N_, Language

# By how the kept reason begins, of what we find out ourselves; each platform's plugin knows its own.
SENTENCES = {
    "no platform reaches them": N_("They have no account that we can write to."),
    "the platform did not answer in time": N_("No answer came in time."),
    DIED: N_("We were interrupted while sending."),
}


def why(reason: str, platform: str, lang: Language) -> str:
    """A platform's reason in plain words; one that we do not know is quoted."""
    plugin = plugins.installed().get(platform)
    sentences = {**SENTENCES, **plugin.reasons} if plugin else SENTENCES
    known = next((said for begins, said in sentences.items() if reason.startswith(begins)), "")
    if known or not reason:
        return lang(known or "No reason given")
    return lang("The answer was: “{reason}”", reason=reason)

"""Why a message did not arrive, as HR would say it: the outbox keeps the words of adapters and servers."""

from __future__ import annotations

from workbot.delivery.outcomes import DIED
from workbot.i18n import N_, Language

# By how the kept reason begins: what follows is a server's own, and differs from person to person.
SENTENCES = {
    "no platform reaches them": N_("They have no account that we can write to."),
    "nobody has this address on the web": N_("Their account on the web pages is gone."),
    "this is not an e-mail address": N_("Their e-mail address cannot be right."),
    "mail servers do not take this address": N_("Their e-mail address cannot be right."),
    "the address was refused": N_("The mail server refuses their address."),
    "the platform did not answer in time": N_("No answer came in time."),
    DIED: N_("We were interrupted while sending."),
}


def why(reason: str, lang: Language) -> str:
    """A kept reason in plain words; one that we do not know is quoted."""
    known = next((said for begins, said in SENTENCES.items() if reason.startswith(begins)), "")
    if known or not reason:
        return lang(known or "No reason given")
    return lang("The answer was: “{reason}”", reason=reason)

"""Why a message did not arrive, as HR would say it: the outbox keeps the words of adapters and servers."""

from __future__ import annotations

from workbot.delivery.reconciler import DIED
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
    # Slack's own words: https://docs.slack.dev/reference/methods/chat.postMessage#errors
    "user_disabled": N_("Their Slack account was deactivated."),
    "deactivated in Slack": N_("Their Slack account was deactivated."),
    "a guest in Slack": N_("They are a guest in Slack."),
    "of another organisation in Slack": N_("Their Slack account belongs to another organisation."),
    "user_not_found": N_("Slack does not know their account."),
    "channel_not_found": N_("The Slack channel is gone, or the bot was not invited."),
    "not_in_channel": N_("The bot was not invited into the Slack channel."),
    "is_archived": N_("The Slack channel was archived."),
    "token_revoked": N_("Slack has locked the bot out. Install it again."),
    "invalid_auth": N_("Slack has locked the bot out. Install it again."),
    "app_uninstalled": N_("Slack has locked the bot out. Install it again."),
    "ratelimited": N_("Slack asked us to go slower."),
    "Slack could not be reached": N_("Slack could not be reached."),
    "they have blocked or removed the app in Teams": N_("They have blocked or removed the bot in Teams."),
    "the app was removed in Teams": N_("They have blocked or removed the bot in Teams."),
    "the app is not installed for them in Teams": N_("The bot is not installed for them in Teams."),
    "the app is not in the organisation’s app catalogue": N_("The bot is not installed for them in Teams."),
    "a Teams administrator has blocked the app": N_("An administrator of Teams has blocked the bot."),
    "the account was closed in Entra": N_("Their Microsoft account was closed."),
    "the account may not sign in, says Entra": N_("Their Microsoft account is disabled."),
    "the account is a guest’s, says Entra": N_("They are a guest in Teams."),
    "Teams does not know them": N_("Teams does not know their account."),
    "Teams takes nothing there": N_("Teams takes no messages there."),
    "Teams takes no more just now": N_("Teams asked us to go slower."),
    "Teams is not well": N_("Teams could not be reached."),
    "Teams could not be reached": N_("Teams could not be reached."),
    "Microsoft does not": N_("Microsoft has locked the bot out. Look at its secret."),
}


def why(reason: str, lang: Language) -> str:
    """A kept reason in plain words; one that we do not know is quoted."""
    known = next((said for begins, said in SENTENCES.items() if reason.startswith(begins)), "")
    if known or not reason:
        return lang(known or "No reason given")
    return lang("The answer was: “{reason}”", reason=reason)

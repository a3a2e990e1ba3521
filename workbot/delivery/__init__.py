"""Messages on their way out: queued in the transaction of what they speak of, sent by the sender."""

from workbot.delivery.amending import amend, forget_earlier
from workbot.delivery.disclosure import OPEN, Disclosure, Disclosures, disclosure_of
from workbot.delivery.models import Campaign, Message, State
from workbot.delivery.service import (
    begin_campaign,
    campaign_is_told,
    keys_of_channel,
    mark_read,
    subject_of,
    tell,
    tell_channel,
    told,
    withdraw,
    withdraw_all,
)

__all__ = [
    "OPEN",
    "Campaign",
    "Disclosure",
    "Disclosures",
    "Message",
    "State",
    "amend",
    "begin_campaign",
    "campaign_is_told",
    "disclosure_of",
    "forget_earlier",
    "keys_of_channel",
    "mark_read",
    "subject_of",
    "tell",
    "tell_channel",
    "told",
    "withdraw",
    "withdraw_all",
]

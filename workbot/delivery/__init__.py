"""Messages on their way out: queued in the transaction of what they speak of, sent by the sender."""

from workbot.delivery.amending import amend, forget_earlier
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
    "Campaign",
    "Message",
    "State",
    "amend",
    "begin_campaign",
    "campaign_is_told",
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

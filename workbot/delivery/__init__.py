"""Messages on their way out: queued in the transaction of what they speak of, sent by the courier."""

from workbot.delivery.models import Message, State
from workbot.delivery.service import subject_of, tell, tell_place, withdraw

__all__ = ["Message", "State", "subject_of", "tell", "tell_place", "withdraw"]

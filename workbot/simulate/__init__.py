"""`workbot simulate`: a journey or a survey really run, with made-up people, on a clock that is moved.

The app is thrown away afterwards; nothing leaves the machine and no database of yours is touched.
"""

from workbot.simulate.journeys import journey
from workbot.simulate.stage import Heard, Play
from workbot.simulate.surveys import survey

__all__ = ["Heard", "Play", "journey", "survey"]

"""What the library says while it works: only that something is wrong, and never a payload."""

from __future__ import annotations

import logging

NAME = "integrations.slack.bolt"


class NoBodies(logging.Filter):
    """Bolt and the SDK log whole requests now and then; people's answers are in them."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.args and "body" not in record.getMessage()[:400]


def quiet_logger() -> logging.Logger:
    """A logger for the library: warnings that hold no payload."""
    logger = logging.getLogger(NAME)
    logger.setLevel(logging.ERROR)
    if not logger.filters:
        logger.addFilter(NoBodies())
    return logger

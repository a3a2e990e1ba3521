"""Logs: one structured line per event, never with what people wrote or the values of a query.

A log that cannot be written, since the disk under it is full or nobody reads it any more, costs nobody their turn.
"""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog


class Lasting:
    """Standard error, whose lines are lost where it takes none."""

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


# What of a file is needed to log to it.
STDERR = cast("TextIO", Lasting())


def configure(*, as_json: bool, level: int = logging.INFO) -> None:
    """Set up logging for a process; tracebacks bear no local variables, which would hold answers."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    first: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([structlog.processors.format_exc_info] if as_json else []),
    ]
    structlog.configure(
        processors=[*first, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(STDERR),
    )
    if as_json:
        _configure_others(first, renderer)
    else:
        logging.basicConfig(level=logging.WARNING, stream=STDERR, format="%(levelname)s %(name)s: %(message)s")
    # A tick that finds the last one still at work is left out, as it should be.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)


def _configure_others(first: list[structlog.typing.Processor], renderer: structlog.typing.Processor) -> None:
    """Have what libraries say come as lines of the same kind, their tracebacks and warnings too."""
    handler = logging.StreamHandler(STDERR)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *first],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)

"""A report's figures in words, the same in chat, mail and every document."""

from __future__ import annotations

from workbot.cards import Fact
from workbot.i18n import Language
from workbot.pulse.report import Comments, Report, Result, Score

# A change that would be written as 0.0 is none.
SMALLEST_CHANGE = 0.05


def headline(report: Report, lang: Language) -> str:
    """The one sentence to read if no other is."""
    if report.n is None:
        return lang(
            "Fewer than {k} people answered, so nothing is shown: that was promised to those who did.", k=report.k
        )
    rate = lang.percent(report.rate or 0)
    return lang.plural(
        "{count} of {invited} answered ({rate}).",
        "{count} of {invited} people answered ({rate}).",
        report.n,
        invited=lang.number(report.invited),
        rate=rate,
    )


def facts(report: Report, lang: Language) -> tuple[Fact, ...]:
    """Each question and its figure."""
    return tuple(Fact(result.text, figure(result, report, lang)) for result in report.results) if report.n else ()


def figure(result: Result, report: Report, lang: Language) -> str:
    """A question's result in a few words."""
    if result.n is None:
        return lang("not shown: fewer than {k} answers", k=report.k)
    if result.span:
        return lang("between {low} and {high}: everybody gave the same answer", low=result.span[0], high=result.span[1])
    if not result.shares:
        return lang("not shown: everybody gave the same answer")
    return ", ".join(part for part in (result.said, since(result, lang)) if part)


def in_table(score: Score, lang: Language) -> str:
    """A score in a table: the number, and the share of favourable answers."""
    return f"{lang.decimal(score.value)} ({lang.percent(score.favourable)})"


def since(result: Result, lang: Language) -> str:
    """What became of a figure since the wave before, or why that is not said; empty when there was none."""
    if result.is_reworded:
        return lang("asked in other words last time, so not compared")
    return changed(result.change, lang) if result.change is not None else ""


def changed(change: float, lang: Language) -> str:
    """The change since the wave before, with its sign."""
    if abs(change) < SMALLEST_CHANGE:
        return lang("unchanged")
    sign = "+" if change > 0 else "\N{MINUS SIGN}"
    return lang("{change} since last time", change=sign + lang.decimal(abs(change)))


def no_groups(report: Report, lang: Language) -> str:
    """Why no department is shown, or how to read those that are."""
    if not report.groups:
        return lang("No department can be shown without giving answers away.")
    return lang(
        "Departments that are too small to be shown, or that would give another away, count in the one above them."
    )


def no_comments(report: Report, lang: Language) -> str:
    return lang("Comments are shown when there are at least {count}.", count=report.comment_k)


def comments_shown(report: Report) -> tuple[Comments, ...]:
    return tuple(block for block in report.comments if block.texts is not None)


# For templates, which call them by these names.
WORDS = {function.__name__: function for function in (figure, headline, no_comments, no_groups, since)}

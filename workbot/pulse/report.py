"""Making a wave's report: everything in it has passed the privacy gate, and nothing else leaves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from workbot.errors import WorkbotError
from workbot.i18n import Language
from workbot.people.departments import shown
from workbot.pulse import ballots, privacy
from workbot.pulse.definitions import SurveyDefinition
from workbot.pulse.models import Participation, Wave
from workbot.pulse.privacy import Counts, Released
from workbot.pulse.questions import Counted, Rated
from workbot.pulse.results import Comments, Group, Measure, Point, Report, Respondent, Result, Score, Share
from workbot.pulse.service import definition_of
from workbot.pulse.wording import changed_since, same_in

__all__ = ["Comments", "Group", "Point", "Report", "Respondent", "Result", "Score", "Share", "gate", "report_of"]

TREND_WAVES = 12


def report_of(session: Session, wave: Wave, lang: Language) -> Report:
    """The report of a closed wave; raises WorkbotError while it is open."""
    if wave.closed_at is None:
        raise WorkbotError("Results are made when the survey closes, and not before.")

    survey, released = definition_of(session, wave), gate(session, wave)
    earlier = _earlier(session, wave)
    trend = _trend(session, wave, earlier, released, lang)
    whole = released.whole
    zone = ZoneInfo(wave.zone)
    return Report(
        survey=wave.survey,
        number=wave.number,
        title=lang.of(survey.title),
        mode=wave.mode,
        k=wave.k,
        comment_k=wave.comment_k,
        promise=lang.of(wave.privacy),
        opened=wave.first_day,
        closed=wave.closed_at.astimezone(zone).date(),
        invited=_invited(session, wave),
        n=whole.answered if whole else None,
        rate=whole.answered / whole.invited if whole else None,
        questions=tuple(lang.of(question.text) for question in survey.questions),
        results=_results(survey, released, trend, _reworded(session, earlier, survey), lang),
        trend=trend,
        groups=_groups(survey, released, lang),
        comments=_comments(session, wave, survey, released, lang),
        people=_people(session, wave, survey, lang),
        locale=lang.locale,
    )


def gate(session: Session, wave: Wave) -> Released:
    """What of a closed wave may be shown: the only way from ballots to figures."""
    survey = definition_of(session, wave)
    questions = [question.id for question in survey.counted]
    segments = _segments(session, wave, questions)
    if wave.mode == "identified":
        return privacy.everything(segments, questions)
    return privacy.release(segments, k=wave.k, questions=questions)


def _segments(session: Session, wave: Wave, questions: Sequence[str]) -> dict[str, Counts]:
    """Counts by the department that was frozen at the launch."""
    segments: dict[str, Counts] = defaultdict(Counts)
    rows = session.exec(
        select(Participation.segment, Participation.answered, func.count())
        .where(Participation.wave_id == wave.id)
        .group_by(col(Participation.segment), col(Participation.answered))
    )
    for segment, answered, count in rows:
        segments[segment].invited += count
        segments[segment].answered += count if answered else 0
    for tally in ballots.tally(session, wave, questions):
        segments[tally.segment].answers[tally.question].update(tally.values)
    return dict(segments)


def _results(
    survey: SurveyDefinition, released: Released, trend: Sequence[Point], reworded: Collection[str], lang: Language
) -> tuple[Result, ...]:
    before = trend[-2].scores if len(trend) > 1 else {}
    results = (_result(question, released, before, lang) for question in survey.counted)
    return tuple(replace(result, is_reworded=result.id in reworded) for result in results)


def _result(question: Counted, released: Released, before: dict[str, Score], lang: Language) -> Result:
    bare = Result(question.id, lang.of(question.text))
    if released.whole is None or question.id not in released.questions:
        return bare
    counted = released.whole.answers[question.id]
    if question.id in released.uniform:
        return replace(bare, n=counted.total(), span=_span(question, counted, lang))
    result = question.result(counted, lang)
    if result.score and question.id in before:
        return replace(result, change=result.score.value - before[question.id].value)
    return result


def _span(question: Counted, counted: Counter[str], lang: Language) -> tuple[int, int] | None:
    if not isinstance(question, Rated):
        return None
    return privacy.half(question.axis, question.score(counted, question.measure(lang)).value)


def _earlier(session: Session, wave: Wave) -> list[Wave]:
    """The last closed waves before one that all of its readers may read, the oldest first.

    Of one person there is no trend.
    """
    if wave.mode == "identified":
        return []
    before = session.exec(
        select(Wave)
        .where(Wave.survey == wave.survey, Wave.number < wave.number, col(Wave.closed_at).is_not(None))
        .where(Wave.mode == wave.mode)
        .order_by(col(Wave.number).desc())
    )
    readable = (one for one in before if set(wave.reader_roles) <= set(one.reader_roles))
    return list(reversed(list(islice(readable, TREND_WAVES - 1))))


def _trend(
    session: Session, wave: Wave, earlier: Sequence[Wave], released: Released, lang: Language
) -> tuple[Point, ...]:
    """The whole organisation's scores in the waves up to this one, of what each asked just as this one does."""
    if wave.mode == "identified":
        return ()
    survey = definition_of(session, wave)
    points = []
    for one in earlier:
        same = same_in(survey, definition_of(session, one))
        compared = [question for question in survey.rated if question.id in same]
        points.append(_point(one, gate(session, one), compared, lang))
    return (*points, _point(wave, released, survey.rated, lang))


def _reworded(session: Session, earlier: Sequence[Wave], survey: SurveyDefinition) -> set[str]:
    """The questions that the wave before asked in other words, under the same ids."""
    before = definition_of(session, earlier[-1]) if earlier else None
    return {question.id for question in changed_since(before, survey)} if before else set()


def _point(wave: Wave, released: Released, compared: Iterable[Rated], lang: Language) -> Point:
    shown = set(released.questions) - released.uniform
    counted = released.whole.answers if released.whole else {}
    scores = {one.id: one.score(counted[one.id], one.measure(lang)) for one in compared if one.id in shown}
    return Point(wave.number, wave.first_day, scores)


def _groups(survey: SurveyDefinition, released: Released, lang: Language) -> tuple[Group, ...]:
    """The departments shown."""
    measured = [(question, question.measure(lang)) for question in survey.rated]
    return tuple(_group(path, released.groups, measured) for path in released.groups)


def _group(path: str, groups: Mapping[str, Counts], measured: Iterable[tuple[Rated, Measure]]) -> Group:
    """One of them; its depth counts only ancestors that are shown too."""
    counts, above = groups[path], [other for other in groups if path.startswith(f"{other}/")]
    nearest = max(above, key=len, default="")
    return Group(
        path=path,
        name=shown(path.removeprefix(f"{nearest}/")),
        depth=len(above),
        n=counts.answered,
        rate=counts.answered / counts.invited,
        scores={
            question.id: question.score(counts.answers[question.id], measure)
            for question, measure in measured
            if counts.number(question.id)
        },
    )


def _comments(
    session: Session, wave: Wave, survey: SurveyDefinition, released: Released, lang: Language
) -> tuple[Comments, ...]:
    """Comments of the whole wave, in no relation to scores or departments."""
    if wave.mode == "identified":
        return ()
    found = []
    for question in survey.written:
        texts = ballots.comments(session, wave, question.id) if released.whole else []
        allowed = privacy.comments_may_be_shown(len(texts), comment_k=wave.comment_k)
        found.append(Comments(lang.of(question.text), tuple(texts) if allowed else None))
    return tuple(found)


def _people(session: Session, wave: Wave, survey: SurveyDefinition, lang: Language) -> tuple[Respondent, ...]:
    if wave.mode != "identified":
        return ()
    segments = dict(
        session.exec(
            select(Participation.person_id, Participation.segment).where(Participation.wave_id == wave.id)
        ).all()
    )
    return tuple(
        Respondent(
            named.person.name,
            segments[named.person.id],
            tuple(question.answered(named.values.get(question.id, ""), lang) for question in survey.questions),
        )
        for named in ballots.by_person(session, wave)
    )


def _invited(session: Session, wave: Wave) -> int:
    return session.exec(select(func.count()).where(Participation.wave_id == wave.id)).one()

"""Making a wave's report: everything in it has passed the privacy gate, and nothing else leaves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from workbot.errors import WorkbotError
from workbot.i18n import Language
from workbot.people.departments import shown
from workbot.pulse import ballots, privacy
from workbot.pulse.definitions import FAVOURABLE, SCALE, Choice, Comment, Scale, SurveyDefinition
from workbot.pulse.models import Participation, Wave
from workbot.pulse.privacy import Counts, Released
from workbot.pulse.results import Comments, Group, Point, Report, Respondent, Result, Share
from workbot.pulse.service import definition_of
from workbot.pulse.wording import changed_since, same_in

__all__ = ["Comments", "Group", "Point", "Report", "Respondent", "Result", "Share", "gate", "report_of"]

TREND_WAVES = 12


def report_of(session: Session, wave: Wave, lang: Language) -> Report:
    """The report of a closed wave; raises WorkbotError while it is open."""
    if wave.closed_at is None:
        raise WorkbotError("Results are made when the survey closes, and not before.")

    survey, released = definition_of(session, wave), gate(session, wave)
    earlier = _earlier(session, wave)
    trend = _trend(session, wave, earlier, released)
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
        groups=_groups(survey, released),
        comments=_comments(session, wave, survey, released, lang),
        people=_people(session, wave, survey, lang),
        locale=lang.locale,
    )


def gate(session: Session, wave: Wave) -> Released:
    """What of a closed wave may be shown: the only way from ballots to figures."""
    survey = definition_of(session, wave)
    questions = [question.id for question in survey.closed_questions]
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
    before = trend[-2].means if len(trend) > 1 else {}
    results = (_result(question, released, before, lang) for question in survey.closed_questions)
    return tuple(replace(result, is_reworded=result.id in reworded) for result in results)


def _result(question: Scale | Choice, released: Released, before: dict[str, float], lang: Language) -> Result:
    bare = Result(question.id, lang.of(question.text), question.kind)
    if released.whole is None or question.id not in released.questions:
        return bare
    counter = released.whole.answers[question.id]
    n, shares = counter.total(), tuple(Share(label, counter[value]) for value, label in _answers(question, lang))
    if question.id in released.uniform:
        span = _span(counter) if isinstance(question, Scale) else None
        return Result(bare.id, bare.text, bare.kind, n=n, span=span)
    if isinstance(question, Choice):
        return Result(bare.id, bare.text, bare.kind, n, shares)
    mean = _mean(counter)
    change = mean - before[question.id] if question.id in before else None
    return Result(bare.id, bare.text, bare.kind, n, shares, mean, _favourable(counter), change)


def _answers(question: Scale | Choice, lang: Language) -> list[tuple[str, str]]:
    """The stored value and the label of each possible answer."""
    if isinstance(question, Choice):
        return [(option.id, lang.of(option.text)) for option in question.options]
    labels = {point: question.label(point) for point in SCALE}
    return [(str(point), f"{point} · {lang.of(texts)}" if texts else str(point)) for point, texts in labels.items()]


def _span(counter: Counter[str]) -> tuple[int, int]:
    """Instead of the one answer that everybody gave, the half of the scale in which it lies."""
    middle = SCALE[len(SCALE) // 2]
    return (SCALE[0], middle) if _mean(counter) < middle else (middle, SCALE[-1])


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


def _trend(session: Session, wave: Wave, earlier: Sequence[Wave], released: Released) -> tuple[Point, ...]:
    """The whole organisation's means in the waves up to this one, of what each asked just as this one does."""
    if wave.mode == "identified":
        return ()
    survey = definition_of(session, wave)
    points = [_point(one, gate(session, one), same_in(survey, definition_of(session, one))) for one in earlier]
    return (*points, _point(wave, released, {question.id for question in survey.scales}))


def _reworded(session: Session, earlier: Sequence[Wave], survey: SurveyDefinition) -> set[str]:
    """The questions that the wave before asked in other words, under the same ids."""
    before = definition_of(session, earlier[-1]) if earlier else None
    return {question.id for question in changed_since(before, survey)} if before else set()


def _point(wave: Wave, released: Released, compared: Collection[str]) -> Point:
    shown = [name for name in released.questions if name in compared and name not in released.uniform]
    means = {name: _mean(released.whole.answers[name]) for name in shown} if released.whole else {}
    return Point(wave.number, wave.first_day, means)


def _groups(survey: SurveyDefinition, released: Released) -> tuple[Group, ...]:
    """The departments shown; their depth counts only ancestors that are shown too."""
    groups = []
    for path, counts in released.groups.items():
        scales = [question.id for question in survey.scales if question.id in counts.answers]
        above = [other for other in released.groups if path.startswith(f"{other}/")]
        nearest = max(above, key=len, default="")
        groups.append(
            Group(
                path=path,
                name=shown(path.removeprefix(f"{nearest}/")),
                depth=len(above),
                n=counts.answered,
                rate=counts.answered / counts.invited,
                means={name: _mean(counts.answers[name]) for name in scales if counts.number(name)},
                favourable={name: _favourable(counts.answers[name]) for name in scales if counts.number(name)},
            )
        )
    return tuple(groups)


def _comments(
    session: Session, wave: Wave, survey: SurveyDefinition, released: Released, lang: Language
) -> tuple[Comments, ...]:
    """Comments of the whole wave, in no relation to scores or departments."""
    if wave.mode == "identified":
        return ()
    found = []
    for question in survey.comments:
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
            tuple(_said(question, named.values.get(question.id, ""), lang) for question in survey.questions),
        )
        for named in ballots.by_person(session, wave)
    )


def _said(question: Scale | Choice | Comment, value: str, lang: Language) -> str:
    return value if isinstance(question, Comment) else dict(_answers(question, lang)).get(value, "")


def _invited(session: Session, wave: Wave) -> int:
    return session.exec(select(func.count()).where(Participation.wave_id == wave.id)).one()


def _mean(counter: Counter[str]) -> float:
    return sum(int(value) * count for value, count in counter.items()) / counter.total()


def _favourable(counter: Counter[str]) -> float:
    return sum(count for value, count in counter.items() if int(value) >= FAVOURABLE) / counter.total()

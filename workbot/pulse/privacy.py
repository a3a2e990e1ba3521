"""The one gate: what of a closed wave may leave the app, whichever way it leaves.

Groups are departments, and departments form a tree. What a reader of all released figures can work
out by adding and subtracting is then exactly this: for each released department, those of its people
who are in no released department below it (its *rest*), and unions of such rests. So the gate holds
when every released department and every rest is either nobody at all, or a group that may be shown:

- at least k answers to each question that is shown by department, and at least k people who answered;
- not all of them the same answer to any question, because then the figure is everyone's own answer.

A department that may not be shown is rolled up: its people count in the nearest ancestor that is shown,
and nothing, not even how many of them answered, is said of it. A small rest is mended by rolling up the
smallest department beside it too.

For a department with one answer throughout there is no range in place of the number: beside the figures of
its ancestors, a range can be narrowed down to the answer. For the whole organisation, which has nothing
beside it, there is one.

The result depends on nothing but the closed wave. There are no filters to choose and none to subtract,
so asking again, later or in another format, always shows the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from workbot.charts import Axis
from workbot.people.departments import above

WHOLE = ""


@dataclass
class Counts:
    """What is known of a set of people: how many were asked and answered, and what was answered how often."""

    invited: int = 0
    answered: int = 0
    answers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, other: Counts) -> None:
        self.invited += other.invited
        self.answered += other.answered
        for question, values in other.answers.items():
            self.answers[question].update(values)

    def number(self, question: str) -> int:
        """How many answered a question."""
        return self.answers[question].total() if question in self.answers else 0


@dataclass(frozen=True)
class Rule:
    """The promise of a wave: the smallest group, and the questions shown."""

    k: int
    questions: tuple[str, ...]

    def allows(self, counts: Counts) -> bool:
        """Whether figures of exactly these people may be known."""
        return counts.answered >= self.k and all(
            counts.number(question) >= self.k and len(+counts.answers[question]) > 1 for question in self.questions
        )


@dataclass
class _Node:
    """A department while the gate considers it: `rest` is of its people who are in no shown department below."""

    path: str
    counts: Counts
    rest: Counts
    shown: list[_Node]


@dataclass(frozen=True)
class Released:
    """What may be shown of a wave.

    `whole` is None when too few answered. `questions` are those with enough answers, `uniform` those of
    them to which everybody gave the same one, so that a range stands in for the number. `groups` are the
    departments, by path, without the whole.
    """

    whole: Counts | None
    questions: tuple[str, ...]
    uniform: frozenset[str]
    groups: dict[str, Counts]


def release(segments: dict[str, Counts], *, k: int, questions: Sequence[str]) -> Released:
    """Decide what may be shown, from counts by department path as frozen at the launch."""
    whole = _sum(segments.values())
    if whole.answered < k:
        return Released(None, (), frozenset(), {})

    enough = tuple(question for question in questions if whole.number(question) >= k)
    uniform = frozenset(question for question in enough if len(+whole.answers[question]) == 1)
    rule = Rule(k, tuple(question for question in enough if question not in uniform))
    groups = _groups(segments, rule) if rule.questions else {}
    return Released(_only(whole, enough), enough, uniform, groups)


def everything(segments: dict[str, Counts], questions: Sequence[str]) -> Released:
    """What an identified survey shows: all of it, since each person was told that they are read by name."""
    whole = _sum(segments.values())
    asked = tuple(question for question in questions if whole.number(question))
    return Released(whole if whole.answered else None, asked, frozenset(), {})


def comments_may_be_shown(number: int, *, comment_k: int) -> bool:
    """Whether that many comments on a question may be read: of the whole wave only, never of a department."""
    return number >= comment_k


def half(axis: Axis, value: float) -> tuple[int, int]:
    """Instead of the one answer that everybody gave, the half of its scale in which it lies."""
    return (axis.low, axis.middle) if value < axis.middle else (axis.middle, axis.high)


def _groups(segments: dict[str, Counts], rule: Rule) -> dict[str, Counts]:
    top = _settle(WHOLE, segments, _children(segments), rule)
    return {node.path: _only(node.counts, rule.questions) for node in _below(top)}


def _settle(path: str, segments: dict[str, Counts], children: dict[str, list[str]], rule: Rule) -> _Node:
    """Choose what to show in and under a department, from the leaves up."""
    own = _sum([segments[path]] if path in segments else [])
    below = [_settle(child, segments, children, rule) for child in children.get(path, [])]
    node = _Node(path, _sum([own, *(child.counts for child in below)]), own, [])
    for child in below:
        if _is_shown(child, rule):
            node.shown.append(child)
        else:
            # Rolled up: its people count here, and what is shown below it hangs from here.
            node.rest.add(child.rest)
            node.shown.extend(child.shown)
    while node.shown and not _is_safe(node.rest, rule):
        _roll_up_smallest(node)
    return node


def _is_shown(node: _Node, rule: Rule) -> bool:
    return rule.allows(node.counts) and _is_safe(node.rest, rule)


def _is_safe(rest: Counts, rule: Rule) -> bool:
    """Whether what subtraction leaves may be known: nobody, or a group that may be shown.

    People who were asked and did not answer are not nobody: to leave just them would list them.
    """
    return rest.invited == 0 or rule.allows(rest)


def _roll_up_smallest(node: _Node) -> None:
    smallest = min(node.shown, key=lambda shown: (shown.counts.answered, shown.path))
    node.shown.remove(smallest)
    node.shown.extend(smallest.shown)
    node.rest.add(smallest.rest)


def _below(node: _Node) -> Iterable[_Node]:
    for shown in sorted(node.shown, key=lambda shown: shown.path):
        yield shown
        yield from _below(shown)


def _children(segments: dict[str, Counts]) -> dict[str, list[str]]:
    """The tree: each department's direct sub-departments, those without people of their own included."""
    children: dict[str, set[str]] = defaultdict(set)
    for path in segments:
        while path != WHOLE:
            parent = above(path)
            children[parent].add(path)
            path = parent
    return {parent: sorted(found) for parent, found in children.items()}


def _sum(parts: Iterable[Counts]) -> Counts:
    total = Counts()
    for part in parts:
        total.add(part)
    return total


def _only(counts: Counts, questions: Sequence[str]) -> Counts:
    """Counts without the questions that are not shown."""
    kept = {question: counts.answers[question] for question in questions}
    return Counts(counts.invited, counts.answered, defaultdict(Counter, kept))

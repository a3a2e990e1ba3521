"""Verdicts: what was decided about messages that were looked at, written by few statements however many they are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, String, bindparam, select, update
from sqlmodel import Session

from workbot.delivery.models import TABLE, UNROUTED, State, is_still
from workbot.delivery.routing import Waiting
from workbot.platforms import Outgoing
from workbot.storage.bulk import JsonRows

_ROWS = JsonRows(this=Integer(), address=String(), is_update=Boolean())
MARK_SENDING = (
    update(TABLE)
    .where(TABLE.c.id == _ROWS.c.this, is_still(State.QUEUED))
    .values(
        state=State.SENDING.value,
        lane=bindparam("way"),
        attempts=TABLE.c.attempts + 1,
        platform=bindparam("on"),
        address=_ROWS.c.address,
        is_update=_ROWS.c.is_update,
        claimed_by=bindparam("by"),
        lease_until=bindparam("until"),
    )
)
_IDS = JsonRows(this=Integer())
REROUTE = update(TABLE).where(TABLE.c.id.in_(select(_IDS.c.this)), is_still(State.QUEUED)).values(lane=bindparam("to"))


@dataclass
class RoutingDecisions:
    """What is written into the rows that were looked at, by kind of change."""

    going: list[dict[str, object]] = field(default_factory=list)
    rerouted: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    changes: defaultdict[tuple[str, ...], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def __bool__(self) -> bool:
        return bool(self.going or self.rerouted or self.changes)

    def put_off(self, row: Waiting, moment: datetime) -> None:
        self._change(row, due_at=moment)

    def stop(self, row: Waiting, state: State, reason: str) -> None:
        self._change(row, state=state.value, reason=reason)

    def reroute(self, row: Waiting, lane: str) -> None:
        self.rerouted[lane].append(row.id)

    def send(self, row: Waiting, outgoing: Outgoing) -> None:
        self.going.append({"this": row.id, "address": outgoing.address, "is_update": bool(outgoing.reference)})

    def write(
        self,
        session: Session,
        *,
        lane: str = UNROUTED,
        platform: str = "",
        claimed_by: str = "",
        until: datetime | None = None,
    ) -> None:
        """Only rows that are still queued change: another may have taken them back meanwhile.

        What is to be sent goes by `lane` and its `platform`, and is `claimed_by` a process `until` its lease ends.
        """
        connection = session.connection()
        if self.going:
            what = {"way": lane, "on": platform, "by": claimed_by, "until": until}
            connection.execute(MARK_SENDING, _ROWS.rows(session, self.going) | what)
        for lane, ids in self.rerouted.items():
            connection.execute(REROUTE, _IDS.rows(session, [{"this": key} for key in ids]) | {"to": lane})
        for names, rows in self.changes.items():
            values: dict[str, Any] = {name: bindparam(name) for name in names}
            change = update(TABLE).where(TABLE.c.id == bindparam("this"), is_still(State.QUEUED)).values(values)
            connection.execute(change, rows)

    def _change(self, row: Waiting, **values: Any) -> None:
        self.changes[tuple(values)].append({"this": row.id, **values})

"""When directories are compared: once an hour, by one process, and soon again where it failed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.chat.host import MONDAY, SmallHost
from workbot.chat.directory import AGAIN, EVERY, Comparison
from workbot.errors import DeliveryError
from workbot.storage.database import Database


@pytest.fixture
def host(database: Database) -> SmallHost:
    return SmallHost(database)


class Compared:
    """Tenants in the order in which they were compared."""

    def __init__(self, host: SmallHost, platform: str = "slack") -> None:
        self.comparison = Comparison(host.as_host(), platform)
        self.tenants: list[str] = []

    def look(self, *tenants: str, error: Exception | None = None) -> list[str]:
        async def compare(tenant: str) -> None:
            self.tenants.append(tenant)
            if error:
                raise error

        async def look() -> None:
            for tenant in tenants:
                await self.comparison.if_late(tenant, lambda tenant=tenant: compare(tenant))  # type: ignore[misc]

        self.tenants.clear()
        asyncio.run(look())
        return self.tenants


def test_a_tenant_is_compared_once_an_hour_by_one_of_several_processes(host: SmallHost) -> None:
    one, other = Compared(host), Compared(host)

    assert one.look("T1", "T2") == ["T1", "T2"]
    assert other.look("T1", "T2") == []
    host.clock.at = MONDAY + EVERY + timedelta(seconds=1)
    assert other.look("T1") == ["T1"]


def test_platforms_are_compared_each_by_itself(host: SmallHost) -> None:
    assert Compared(host, "slack").look("T1") == ["T1"]
    assert Compared(host, "teams").look("T1") == ["T1"]


def test_one_that_fails_is_tried_again_soon_and_holds_up_no_other(host: SmallHost) -> None:
    compared = Compared(host)

    assert compared.look("T1", "T2", error=DeliveryError("away")) == ["T1", "T2"]
    host.clock.at = MONDAY + AGAIN - timedelta(seconds=1)
    assert compared.look("T1") == []
    host.clock.at = MONDAY + AGAIN + timedelta(seconds=1)
    assert compared.look("T1") == ["T1"]


def test_a_fault_of_ours_is_raised_and_tried_again_soon(host: SmallHost) -> None:
    compared = Compared(host)

    with pytest.raises(KeyError):
        compared.look("T1", error=KeyError("x"))
    host.clock.at = MONDAY + AGAIN + timedelta(seconds=1)

    assert compared.look("T1") == ["T1"]


def test_how_far_a_directory_was_read_is_remembered(host: SmallHost) -> None:
    comparison = Comparison(host.as_host(), "teams")

    asyncio.run(comparison.remember("T1", "https://graph.example/delta"))

    assert asyncio.run(comparison.link("T1")) == "https://graph.example/delta"
    assert asyncio.run(comparison.link("T2")) == ""
    Compared(host, "teams").look("T1")
    assert asyncio.run(comparison.link("T1")) == "https://graph.example/delta"

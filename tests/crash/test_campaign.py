"""Whenever a process ends, nothing is lost and nothing is done or said twice; nor when many work at once.

A small share of every campaign; `make campaign` runs them whole.
"""

from __future__ import annotations

import pytest

from tests.crash.campaigns import CAMPAIGNS, Campaign

SHARE = 0.04


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda campaign: campaign.name)
def test_nothing_is_lost_and_nothing_is_done_twice(campaign: Campaign) -> None:
    found = campaign.run(SHARE)

    print(found)
    assert campaign.faults(found) == {}


def test_a_campaign_that_says_nothing_has_found_a_fault() -> None:
    for campaign in CAMPAIGNS:
        assert set(campaign.faults({"it ended": 1})) == {*campaign.floor, *campaign.nothing}

"""All campaigns, one after the other, with their figures: `python -m tests.crash [SHARE]`; 1 is their full size.

What finds a fault is run once more, alone; what is well then is told as flaky, and is a fault all the same, to be
looked for. Ends with 1 where a fault stayed.
"""

from __future__ import annotations

import json
import sys
import time

from tests.crash.campaigns import CAMPAIGNS, Campaign


def is_well(campaign: Campaign, share: float) -> bool:
    """Run a campaign and tell what it found."""
    began = time.monotonic()
    found = campaign.run(share)
    faults = campaign.faults(found)
    print(f"{campaign.name} ({time.monotonic() - began:.0f} s)\n  {json.dumps(found)}", flush=True)
    if faults:
        print(f"  wrong: {json.dumps(faults)}", flush=True)
    return not faults


def main(share: float) -> int:
    ill = [campaign for campaign in CAMPAIGNS if not is_well(campaign, share)]
    stayed = [campaign.name for campaign in ill if not is_well(campaign, share)]
    for campaign in ill:
        if campaign.name not in stayed:
            print(f"flaky: {campaign.name}")
    print(f"campaigns: {len(CAMPAIGNS) - len(stayed)} passed, {len(stayed)} failed")
    return bool(stayed)


if __name__ == "__main__":
    sys.exit(main(float((*sys.argv, 1)[1])))

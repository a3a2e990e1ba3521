"""Stored files on their way into a workspace: uploaded once, and shown or linked from then on."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import Session, col, select

from integrations.slack.models import SlackFile
from workbot import cards
from workbot.cards import Card
from workbot.errors import DeliveryError
from workbot.platforms import File, Host

PICTURES = ("image/png", "image/jpeg", "image/gif")


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Slack's ids of pictures and addresses of files, by our ids."""

    pictures: Mapping[str, str]
    links: Mapping[str, str]


NOTHING = Uploaded({}, {})


class Uploads:
    """Brings a card's files to where it is going."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._one: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, card: Card, tenant: str, client: AsyncWebClient) -> Uploaded:
        """What a card shows or offers, uploaded; raises what the client raises."""
        keys = cards.files(card)
        if not keys:
            return NOTHING
        known = await self.host.database.read(partial(_known, tenant=tenant, keys=keys))
        for key in keys:
            if key not in known and (row := await self._bring(key, tenant, client)):
                known[key] = row
        ids = {element.file for element in card.body if isinstance(element, cards.Image)}
        return Uploaded(
            pictures={key: row.slack_id for key, row in known.items() if key in ids},
            links={key: row.permalink for key, row in known.items() if key not in ids},
        )

    async def _bring(self, key: str, tenant: str, client: AsyncWebClient) -> SlackFile | None:
        """Upload a file, unless it is not there any more or no picture that Slack shows."""
        async with self._one[tenant, key]:
            known = await self.host.database.read(partial(_known, tenant=tenant, keys=[key]))
            if key in known:
                return known[key]
            file = await self.host.file(UUID(key))
            if file is None or (file.media_type.startswith("image/") and file.media_type not in PICTURES):
                return None
            slack_id, permalink = await _upload(client, file)
            now = self.host.clock.now()
            row = SlackFile(tenant=tenant, file=key, slack_id=slack_id, permalink=permalink, uploaded_at=now)
            kept = row.model_copy()
            await self.host.database.run(lambda session: session.merge(row) and None)
        self._one.pop((tenant, key), None)
        return kept


async def _upload(client: AsyncWebClient, file: File) -> tuple[str, str]:
    """The id and the address of a file in Slack, in the three steps that Slack asks for."""
    begun = await client.files_getUploadURLExternal(filename=file.name, length=len(file.content))
    session = client.session
    assert session is not None
    async with session.post(str(begun["upload_url"]), data=file.content) as sent:
        if sent.status != 200:
            raise DeliveryError(f"Slack did not take the file (HTTP {sent.status})")
    done = await client.files_completeUploadExternal(files=[{"id": begun["file_id"], "title": file.name}])
    return str(begun["file_id"]), str(done["files"][0].get("permalink", ""))


def _known(session: Session, *, tenant: str, keys: list[str]) -> dict[str, SlackFile]:
    rows = session.exec(select(SlackFile).where(SlackFile.tenant == tenant, col(SlackFile.file).in_(keys)))
    return {row.file: row for row in rows}

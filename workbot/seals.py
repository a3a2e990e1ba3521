"""Values of buttons on their way through a platform: signed, so that what comes back is what we sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from workbot.errors import WorkbotError

# A tag of 128 bits, as URL-safe base64 without padding.
TAG_BYTES, TAG_LENGTH = 16, 22
PLAIN, MEMO = "v", "m"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a button stands for; of a memo, the value is the name under which the real one is kept."""

    action: str
    value: str
    is_memo: bool = False


class Seal:
    """Signs actions with their values (HMAC-SHA256, RFC 2104, cut to 128 bits) under the house's secret, for one
    platform: what was sent through one does not come back through another."""

    def __init__(self, secret: str, platform: str) -> None:
        self._key = hashlib.sha256(f"workbot.{platform}.value\0{secret}".encode()).digest()

    def close(self, action: str, value: str) -> str:
        return self._closed(PLAIN, action, value)

    def close_memo(self, action: str, key: str) -> str:
        """The same for a value that is kept under a name, since it is too long for the platform."""
        return self._closed(MEMO, action, key)

    def open(self, sealed: str) -> Opened:
        """Raises WorkbotError when we did not close it."""
        kind, tag, said = sealed[:1], sealed[1 : 1 + TAG_LENGTH], sealed[1 + TAG_LENGTH :]
        if kind not in (PLAIN, MEMO) or not hmac.compare_digest(_bytes(tag), _bytes(self._tag(kind, said))):
            raise WorkbotError("This button is not one of ours. Please open it again.")
        action, _, value = said.partition(" ")
        return Opened(action, value, kind == MEMO)

    def _closed(self, kind: str, action: str, value: str) -> str:
        said = f"{action} {value}"
        return f"{kind}{self._tag(kind, said)}{said}"

    def _tag(self, kind: str, said: str) -> str:
        digest = hmac.new(self._key, _bytes(f"{kind}{said}"), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:TAG_BYTES]).decode().rstrip("=")


def memo_key(value: str) -> str:
    """The name under which a value is kept."""
    return hashlib.sha256(_bytes(value)).hexdigest()


def _bytes(text: str) -> bytes:
    # Who forges a value may forge one that is no text.
    return text.encode(errors="surrogatepass")

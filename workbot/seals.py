"""Seals: what goes out and comes back is signed, so that it is what we sent.

There may be several keys: the first signs, and what any of them has signed is ours. Each seal is of one purpose: what
was signed for one is nothing to another.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from itsdangerous import BadData, Signer, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode, want_bytes
from itsdangerous.signer import HMACAlgorithm

from workbot.errors import WorkbotError

# A tag of 128 bits, as URL-safe base64 without padding.
TAG_BYTES, TAG_LENGTH = 16, 22
PLAIN, MEMO = "V", "M"
Secrets = str | Sequence[str]
# What was signed before 2026-12 stands on cards that people still have. Half a year later nobody presses those.
OLD_KINDS = {"v": PLAIN, "m": MEMO}


class _Cut(HMACAlgorithm):
    """HMAC-SHA256 (RFC 2104) cut to 128 bits: platforms limit what a button may carry."""

    def __init__(self) -> None:
        super().__init__(hashlib.sha256)

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:TAG_BYTES]


class _Ready(Signer):
    """Makes each key once: a card may have dozens of buttons."""

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        secret = self.secret_keys[-1] if secret_key is None else want_bytes(secret_key)
        ready: dict[bytes, bytes] = self.__dict__.setdefault("ready", {})
        if secret not in ready:
            ready[secret] = super().derive_key(secret)
        return ready[secret]


class Tagger:
    """Makes and knows tags of texts, for one purpose."""

    def __init__(self, secrets: Secrets, purpose: str) -> None:
        self._signer = _Ready(
            _last_signs(secrets),
            salt=f"workbot.{purpose}",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
            algorithm=_Cut(),
        )

    def tag(self, text: str) -> str:
        return self._signer.get_signature(_bytes(text)).decode()

    def knows(self, text: str, tag: str) -> bool:
        """Whether a tag is one that we have made of this text."""
        return _is_canonical(tag) and self._signer.verify_signature(_bytes(text), tag)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a button stands for; of a memo, the value is the name under which the real one is kept."""

    action: str
    value: str
    is_memo: bool = False


class Seal:
    """Signs actions with their values for a platform: what was sent through one does not come back through another."""

    def __init__(self, secrets: Secrets, platform: str) -> None:
        self._tagger = Tagger(secrets, f"{platform}.value")
        self._old = [_old_key(f"workbot.{platform}.value", secret) for secret in each(secrets)]

    def close(self, action: str, value: str) -> str:
        return self._closed(PLAIN, action, value)

    def close_memo(self, action: str, key: str) -> str:
        """The same for a value that is kept under a name, since it is too long for the platform."""
        return self._closed(MEMO, action, key)

    def open(self, sealed: str) -> Opened:
        """Raises WorkbotError when we did not close it."""
        kind, tag, said = sealed[:1], sealed[1 : 1 + TAG_LENGTH], sealed[1 + TAG_LENGTH :]
        if not self._is_ours(kind, tag, said):
            raise WorkbotError("This button is not one of ours. Please open it again.")
        action, _, value = said.partition(" ")
        return Opened(action, value, OLD_KINDS.get(kind, kind) == MEMO)

    def _is_ours(self, kind: str, tag: str, said: str) -> bool:
        if kind in OLD_KINDS:
            return any(hmac.compare_digest(_bytes(tag), _old_tag(key, f"{kind}{said}")) for key in self._old)
        return kind in (PLAIN, MEMO) and self._tagger.knows(f"{kind}{said}", tag)

    def _closed(self, kind: str, action: str, value: str) -> str:
        said = f"{action} {value}"
        return f"{kind}{self._tagger.tag(f'{kind}{said}')}{said}"


def serializer(secrets: Secrets, purpose: str) -> URLSafeSerializer:
    """Signs whole structures, for one purpose."""
    return URLSafeSerializer(_last_signs(secrets), salt=f"workbot.{purpose}")


def memo_key(value: str) -> str:
    """The name under which a value is kept."""
    return hashlib.sha256(_bytes(value)).hexdigest()


def each(secrets: Secrets) -> list[str]:
    """The keys, the one that signs first."""
    return [secrets] if isinstance(secrets, str) else list(secrets)


def _last_signs(secrets: Secrets) -> list[str]:
    """Keys as itsdangerous wants them: the newest at the end."""
    return each(secrets)[::-1]


def _is_canonical(tag: str) -> bool:
    """Whether a tag is spelled as we spell it: base64 has other spellings of the same."""
    try:
        return base64_encode(base64_decode(tag)) == tag.encode()
    except (BadData, ValueError):
        return False


def _old_key(purpose: str, secret: str) -> bytes:
    return hashlib.sha256(f"{purpose}\0{secret}".encode()).digest()


def _old_tag(key: bytes, said: str) -> bytes:
    return base64_encode(hmac.new(key, _bytes(said), hashlib.sha256).digest()[:TAG_BYTES])


def _bytes(text: str) -> bytes:
    # Who forges a value may forge one that is no text.
    return text.encode(errors="surrogatepass")

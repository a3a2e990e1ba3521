"""Tokens at rest: encrypted with keys made from the app's secrets."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from workbot.errors import WorkbotError
from workbot.seals import Secrets, each


class TokenCipher:
    """Closes tokens with the first of several secrets, opens them with any (Fernet; keys by HKDF-SHA256, RFC 5869)."""

    def __init__(self, secrets: Secrets) -> None:
        fernets = [Fernet(_key(secret)) for secret in each(secrets)]
        self._newest, self._any = fernets[0], MultiFernet(fernets)

    def close(self, token: str) -> str:
        return self._any.encrypt(token.encode()).decode() if token else ""

    def open(self, sealed: str) -> str:
        """Raises WorkbotError when it was closed with another secret."""
        if not sealed:
            return ""
        try:
            return self._any.decrypt(sealed).decode()
        except InvalidToken as error:
            raise WorkbotError(
                "Slack's tokens were stored under another WORKBOT_SECRET_KEY. Set it again, or install the app anew at "
                "/slack/install."
            ) from error

    def renewed(self, sealed: str) -> str:
        """The same under the first secret; as it is where that, or none that we have, has closed it."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            try:
                return self._any.rotate(sealed).decode()
            except InvalidToken:
                return sealed
        return sealed


def _key(secret: str) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"workbot.slack.tokens").derive(secret.encode())
    return base64.urlsafe_b64encode(key)

"""Tokens at rest: encrypted with a key made from the house's secret."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from workbot.errors import WorkbotError


class Vault:
    """Closes and opens tokens (Fernet; the key by HKDF-SHA256, RFC 5869)."""

    def __init__(self, secret: str) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"workbot.slack.tokens").derive(secret.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, token: str) -> str:
        return self._fernet.encrypt(token.encode()).decode() if token else ""

    def open(self, sealed: str) -> str:
        """Raises WorkbotError when it was closed with another secret."""
        if not sealed:
            return ""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise WorkbotError(
                "Slack's tokens were stored under another WORKBOT_SECRET_KEY. Set it again, or install the app anew at "
                "/slack/install."
            ) from error

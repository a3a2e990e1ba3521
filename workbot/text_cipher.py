"""Words that have to be kept for a while, so that what comes again gets the same answer: closed, so that nobody who has
the database, or a copy of it, can read them.

The key is made from the app's secret, which is not in the database. What was closed under a secret that has been
taken away is as good as deleted.
"""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from workbot.seals import Secrets, each

# What begins so is closed; what does not was kept before anything was.
SIGN = "closed:"
NONCE_BYTES = 12


class TextCipher:
    """Encrypts with the first secret and decrypts with any (ChaCha20-Poly1305, RFC 8439; keys by HKDF-SHA256).

    What is encrypted belongs to its `context`: moved to another row, it cannot be decrypted.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._ciphers = [ChaCha20Poly1305(_key(secret)) for secret in each(secrets)]

    def encrypt(self, words: str, context: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[0].encrypt(nonce, words.encode(errors="surrogatepass"), context.encode())
        return SIGN + base64.urlsafe_b64encode(nonce + sealed).decode()

    def decrypt(self, closed: str, context: str) -> str | None:
        """The words; None when nothing that we have opens them."""
        try:
            sealed = base64.urlsafe_b64decode(closed.removeprefix(SIGN))
        except (ValueError, binascii.Error):
            return None
        for cipher in self._ciphers:
            try:
                opened = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
            except (InvalidTag, ValueError):
                continue
            return opened.decode(errors="surrogatepass")
        return None


def _key(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"workbot.kept").derive(secret.encode())

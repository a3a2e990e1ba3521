"""Bodies of requests from outside, no more of them than anybody we know sends."""

from __future__ import annotations

from starlette.requests import Request


async def body(request: Request, longest: int) -> bytes | None:
    """The raw body, or None when it is longer; then no more of it is read than it takes to see that."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > longest:
            return None
        parts.append(part)
    return b"".join(parts)

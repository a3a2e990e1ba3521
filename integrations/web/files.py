"""Stored files on their way to a browser."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from workbot.platforms import File

# What a browser may show in a page; everything else is offered for saving.
PICTURES = ("image/png", "image/svg+xml", "image/jpeg", "image/gif", "image/webp")


def file_response(file: File) -> Response:
    """A file, such that it runs nothing and stays nowhere."""
    disposition = "inline" if file.media_type in PICTURES else "attachment"
    headers = {
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(file.name, safe='')}",
        # A picture may be drawn by others' data: whatever it holds, it runs nothing.
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        # Browsers are shared where people have no desk: nothing of one person's stays behind.
        "Cache-Control": "no-store",
    }
    return Response(file.content, media_type=file.media_type, headers=headers)

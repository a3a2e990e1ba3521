"""The post office's server: `python -m tests.postoffice.server PORT PER_SECOND PER_CONVERSATION`.

It takes at most PER_SECOND messages in any second, and PER_CONVERSATION in any second to one address
(0: without limit); more is refused with 429 and `Retry-After`, and counted as a violation. It can be
told to misbehave: `POST /mood {"moods": ["500", "reset-after", "throttle-1", ...]}` answers the next
requests so, before or after the effect.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter, defaultdict, deque

from aiohttp import web


class Office:
    """What was taken, and how fast it came."""

    def __init__(self, per_second: int, per_conversation: int) -> None:
        self.per_second = per_second
        self.per_conversation = per_conversation
        self.taken: Counter[str] = Counter()
        self.violations = 0
        self.first = self.last = 0.0
        self.moods: deque[str] = deque()
        self._recent: deque[float] = deque()
        self._by_address: defaultdict[str, deque[float]] = defaultdict(deque)

    async def send(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        mood = self.moods.popleft() if self.moods else ""
        if refused := await self._before(mood, request):
            return refused
        now = time.monotonic()
        if not self._has_room(body["address"], now):
            self.violations += 1
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"})
        self.first = self.first or now
        self.last = now
        # A change of a message that is there may come twice: it shows once.
        reference = body.get("reference") or f"r-{body['key']}"
        if not body.get("reference"):
            self.taken[body["key"]] += 1
        return await self._after(mood, request) or web.json_response({"ok": True, "reference": reference})

    async def find(self, request: web.Request) -> web.Response:
        key = request.query["key"]
        return web.json_response({"reference": f"r-{key}" if key in self.taken else ""})

    async def mood(self, request: web.Request) -> web.Response:
        self.moods.extend((await request.json())["moods"])
        return web.json_response({})

    async def stats(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "messages": sum(self.taken.values()),
                "different": len(self.taken),
                "violations": self.violations,
                "seconds": self.last - self.first,
            }
        )

    async def keys(self, request: web.Request) -> web.Response:
        return web.json_response(self.taken)

    def _has_room(self, address: str, now: float) -> bool:
        windows = [(self._recent, self.per_second)]
        if self.per_conversation:
            windows.append((self._by_address[address], self.per_conversation))
        for window, most in windows:
            while window and window[0] <= now - 1:
                window.popleft()
            if most and len(window) >= most:
                return False
        for window, _most in windows:
            window.append(now)
        return True

    async def _before(self, mood: str, request: web.Request) -> web.StreamResponse | None:
        match mood:
            case "500":
                return web.Response(status=500)
            case "throttle":
                return web.Response(status=429)
            case "throttle-1":
                return web.Response(status=429, headers={"Retry-After": "1"})
            case "not-ok":
                return web.json_response({"ok": False, "error": "channel_not_found"})
            case "reset":
                _break_off(request)
            case "hang":
                await asyncio.sleep(3600)
        return None

    async def _after(self, mood: str, request: web.Request) -> web.StreamResponse | None:
        match mood:
            case "reset-after":
                _break_off(request)
            case "hang-after":
                await asyncio.sleep(3600)
            case "garbage-after":
                return web.Response(text='{"ok": tr', content_type="application/json")
        return None


def _break_off(request: web.Request) -> None:
    assert request.transport
    request.transport.abort()


def main(port: int, per_second: int, per_conversation: int) -> None:
    office = Office(per_second, per_conversation)
    app = web.Application()
    app.add_routes(
        [
            web.post("/send", office.send),
            web.get("/find", office.find),
            web.post("/mood", office.mood),
            web.get("/stats", office.stats),
            web.get("/keys", office.keys),
        ]
    )
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:4]))

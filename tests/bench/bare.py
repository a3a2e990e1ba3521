"""The floor under a web turn: the smallest handler that reads the same form and answers."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route


async def say(request: Request) -> HTMLResponse:
    form = await request.form()
    return HTMLResponse(f"<p>{form['text']}</p>")


app = Starlette(routes=[Route("/chat/say", say, methods=["POST"])])

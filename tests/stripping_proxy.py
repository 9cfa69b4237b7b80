"""A proxy that does with a server what jupyter-server-proxy does: `python stripping_proxy.py PORT PREFIX TARGET_PORT`.

Below the prefix it asks the target for the path without it, hands on all headers, the host that the browser asked
among them, and names the prefix in three more; websockets are relayed with their subprotocols, the first of which it
chooses itself. The notebook's own cookies stand beside those of the target, and its page, at the root, has a frame.
"""

import asyncio
import http.client
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import connect

HOP = {"connection", "content-length", "transfer-encoding", "upgrade"}
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]


def proxy(prefix: str, target: int) -> Starlette:
    """The proxy as an application."""

    async def web(request: Request) -> Response:
        path = request.url.path[len(prefix) :] or "/"
        headers = {name: value for name, value in request.headers.items() if name not in HOP}
        for name in ("X-Forwarded-Context", "X-ProxyContextPath", "X-Forwarded-Prefix"):
            headers[name] = prefix
        query = f"?{request.url.query}" if request.url.query else ""
        body = await request.body()
        return await run_in_threadpool(ask, request.method, path + query, body, headers)

    def ask(method: str, path: str, body: bytes, headers: dict[str, str]) -> Response:
        line = http.client.HTTPConnection("127.0.0.1", target, timeout=60)
        line.request(method, path, body or None, headers)
        answer = line.getresponse()
        response = Response(answer.read(), answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                value = prefix + value if name.lower() == "location" and value.startswith("/") else value
                response.headers.append(name, value)
        response.headers.append("Set-Cookie", "notebook=mine; Path=/; HttpOnly")
        line.close()
        return response

    async def relay(browser: WebSocket) -> None:
        subprotocols = browser.scope["subprotocols"]
        headers = [(name, value) for name, value in browser.headers.items() if name == "cookie"]
        url = f"ws://{browser.headers['host']}{browser.url.path[len(prefix) :]}"  # the host that is then named
        async with connect(
            url, host="127.0.0.1", port=target, additional_headers=headers, origin=browser.headers.get("origin"),
            subprotocols=subprotocols, max_size=None, compression=None, proxy=None,
        ) as server:  # fmt: skip
            await browser.accept(subprotocols[0] if subprotocols else None)
            back = asyncio.create_task(answers(server, browser))
            async for message in questions(browser):
                await server.send(message)
        await back

    async def answers(server: AsyncIterator[str | bytes], browser: WebSocket) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):  # the browser has gone
            async for message in server:
                await (browser.send_bytes(message) if isinstance(message, bytes) else browser.send_text(message))
            await browser.close()

    async def questions(browser: WebSocket) -> AsyncIterator[str | bytes]:
        while (event := await browser.receive())["type"] != "websocket.disconnect":
            yield event["text"] if event.get("text") is not None else event["bytes"]

    async def page(request: Request) -> Response:
        frame = f'<!doctype html><title>Notebook</title><iframe src="{prefix}/" width="1300" height="800"></iframe>'
        return HTMLResponse(frame, headers={"Content-Security-Policy": "frame-ancestors 'self'"})

    below = [WebSocketRoute(f"{prefix}/{{path:path}}", relay), Route(f"{prefix}/{{path:path}}", web, methods=METHODS)]
    return Starlette(routes=[Route("/", page), *below, Route(prefix, web)])


if __name__ == "__main__":
    uvicorn.run(proxy(sys.argv[2], int(sys.argv[3])), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")

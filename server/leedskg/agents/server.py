"""The tools as a server of the Model Context Protocol, made with its official SDK, which is an extra: leedskg[mcp]."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from leedskg.agents.answer import Rendered
from leedskg.agents.tools import INSTRUCTIONS, TOOLS
from leedskg.errors import LeedskgError

if TYPE_CHECKING:
    from mcp.server.lowlevel.server import Server

NAME = "leedskg"


class NoSdkError(LeedskgError):
    """The SDK of the protocol is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "the SDK of the Model Context Protocol is missing; install it with `pip install 'leedskg[mcp]'`"
        )


def make_server(answer: Callable[[str, dict[str, Any] | None], Rendered], *, in_thread: bool) -> Server[Any]:
    """Make a server whose tools answer by `answer`, given a name and arguments. Raises NoSdkError without the SDK.

    With `in_thread` a tool runs in a thread of its own, so that the server can be told to stop meanwhile.
    """
    try:
        import anyio  # noqa: PLC0415 - comes with the extra
        from mcp import types  # noqa: PLC0415
        from mcp.server.lowlevel.server import Server  # noqa: PLC0415
    except ImportError:
        raise NoSdkError from None

    async def listed(context: Any, params: Any) -> types.ListToolsResult:
        hints = types.ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
        tools = [
            types.Tool(name=each.name, description=each.about, input_schema=each.schema, annotations=hints)
            for each in TOOLS.values()
        ]
        return types.ListToolsResult(tools=tools)

    async def called(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        run = partial(answer, params.name, params.arguments)
        found = await anyio.to_thread.run_sync(run, abandon_on_cancel=True) if in_thread else run()
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=found.text)],
            structured_content=found.structured,
            is_error=found.is_error,
        )

    return Server(
        NAME, version=version("leedskg"), instructions=INSTRUCTIONS, on_list_tools=listed, on_call_tool=called
    )


@dataclass
class HttpAnswer:
    """What the SDK answers to one HTTP request."""

    status: int = 500
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


def http_answer(server: Server[Any], method: str, headers: Iterable[tuple[str, str]], body: bytes) -> HttpAnswer:
    """Have the SDK answer a request that is whole, without a session: streamable HTTP with JSON in return.

    It is an ASGI application; this runs it for the one request, in a loop of its own.
    """
    import anyio  # noqa: PLC0415 - comes with the extra
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager  # noqa: PLC0415

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": "/mcp", "raw_path": b"/mcp", "root_path": "", "query_string": b"", "client": None, "server": None,
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    }  # fmt: skip
    found, sent = HttpAnswer(), iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        message = next(sent, None)
        if message is None:  # the client is watched by what serves it
            await anyio.sleep_forever()
        return message or {}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            found.status = message["status"]
            found.headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
        else:
            found.body += message.get("body", b"")

    async def run() -> None:
        manager = StreamableHTTPSessionManager(app=server, json_response=True, stateless=True)
        async with manager.run():
            await manager.handle_request(scope, receive, send)  # type: ignore[arg-type]

    anyio.run(run)
    return found

"""Serving the application over HTTP, with granian.

This process starts the others and does nothing else: the supervisor of queries (`sparql.service`), what works on
contributions, and as many web processes as the settings say, each of which is started again when it ends by itself.
What holds for the whole site is in none of these: limits of queries in the supervisor, sessions in the accounts'
database, the rest in `web.shared`.
"""

from __future__ import annotations

import errno
import gc
import logging
import math
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from multiprocessing import connection, parent_process, util
from pathlib import Path

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from leedskg.accounts import Accounts
from leedskg.accounts.links import LASTS
from leedskg.errors import AccountsClosedError, LeedskgError
from leedskg.ledger.holding import sole_server
from leedskg.publishing import published
from leedskg.settings import Settings
from leedskg.sparql.execution import QueryPool, keep_supervisors
from leedskg.sparql.scratch import ScratchPool
from leedskg.web import create_app
from leedskg.web.scratch import create_scratch_app
from leedskg.web.serving.access import redacted
from leedskg.web.serving.addresses import local_address, once_address, reachable, site_address
from leedskg.web.serving.connections import drop_unread
from leedskg.web.serving.gateway import Gateway
from leedskg.web.serving.quick import QuickAnswers
from leedskg.web.serving.request_bodies import longest_body_of
from leedskg.web.serving.route_limit import RouteLimit, crowded_page
from leedskg.web.serving.shared import SOCKET, Sharing, reach

#: Seconds that requests under way are given when the server is told to stop.
_GRACE = 5
#: Seconds after which the main process looks whether it was told something.
_LOOKS_UP = 0.2
#: Seconds in which a web process comes to listen once it has loaded.
_UNTIL_LISTENING = 30.0

#: Bytes that the web server holds of what a client sends, and of what it is sent; headers have to fit.
_BUFFER = 131072
_LOGGING = {
    "formatters": {
        "generic": {"()": "leedskg.web.serving.processes.RedactingFormatter", "fmt": "%(levelname)s: %(message)s"},
    },
    "handlers": {
        "console": {"formatter": "generic", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"},
    },
    "loggers": {},
    "root": {"handlers": ["console"], "level": "INFO"},
}


class EndedError(LeedskgError):
    """The server has ended by itself. Another code than that of a wrong setting: to start it again may help."""

    exit_code = 1


class RedactingFormatter(logging.Formatter):
    """Lines without the ids of queries, which are for those alone who ask them."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the line, with the first characters of an id in the place of the whole."""
        return redacted(super().format(record))


def serve(settings: Settings, *, scratch: bool = False) -> None:
    """Serve until told to stop by SIGTERM or SIGINT; prints one line when it answers.

    With `scratch` that is an empty, writable store in a temporary folder, which is removed in the end; the state
    folder is not looked at. Raises KnowledgeError when nothing is published, StoreError when the settings name a store
    that cannot be asked, and LeedskgError when the address cannot be used or the web process does not live.
    """
    if not scratch:
        published(settings)
    with ExitStack() as stack:
        folder = None
        if not scratch:
            stack.enter_context(sole_server(settings.ledger_path))
        if scratch:
            made = tempfile.TemporaryDirectory(prefix="leedskg-scratch-", ignore_cleanup_errors=True)
            folder = Path(stack.enter_context(made))
        _serve(settings, folder, stack)


def _serve(settings: Settings, scratch: Path | None, held: ExitStack) -> None:
    settings = replace(settings, port=free_port(settings.host, settings.port))
    folder = None
    if scratch is None:
        # Here, for any number of web processes ask; and not in one of them, for this goes on when one of them ends.
        folder = held.enter_context(closing(keep_supervisors(settings))).folder
        held.enter_context(closing(Sharing(settings, folder)))
    # A fork would take over what this process has opened, and not the threads that work on it: a store above all.
    multiprocessing.set_start_method("spawn", force=True)
    server = Server(
        "leedskg",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGINL,
        workers=1 if scratch else settings.web_process_count,
        loop=Loops.asyncio,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=round(settings.client_timeout * 1000), max_buffer_size=_BUFFER
        ),
        websockets=False,
        backpressure=settings.connections,
        backlog=max(1024, settings.connections),
        workers_kill_timeout=_GRACE,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
        log_access=False,  # the gateway does it
    )
    server.main_loop_interrupt = _Interrupt()
    threading.Thread(target=_announce, args=(settings, scratch is None), name="announce", daemon=True).start()
    try:
        server.serve(target_loader=partial(_load, settings, folder, scratch), wrap_loader=False)
    except SystemExit as end:
        if end.code:
            raise EndedError("the web process has ended by itself; what it said stands above") from None


class _Interrupt(threading.Event):
    """What the main process waits for: it looks up often, for a signal may come when nothing wakes it.

    Python handles a signal in the main thread, between two of its steps. One that comes just before that thread begins
    to wait, or to another thread, wakes nobody: a server told to stop as it began to answer ran on for ever. There is
    no lock in it either, for whoever handles a signal may have interrupted the holder.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told = False

    def set(self) -> None:
        self._told = True

    def clear(self) -> None:
        self._told = False

    def is_set(self) -> bool:
        return self._told

    def wait(self, timeout: float | None = None) -> bool:
        until = None if timeout is None else time.monotonic() + timeout
        while not self._told and (until is None or time.monotonic() < until):
            time.sleep(_LOOKS_UP)
        return self._told


def free_port(host: str, port: int) -> int:
    """Check that the address can be listened on, and find a free port for port 0.

    granian shares its port (SO_REUSEPORT), so that a second server would start without a word and take half of
    the requests. Raises LeedskgError, saying what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                why = "something else listens there; choose another port with --port or LEEDSKG_PORT"
            elif error.errno == errno.EACCES:
                why = "the system does not allow it; choose a port above 1023"
            else:
                why = f"{error.strerror or error}"
            raise LeedskgError(f"cannot listen on {host}, port {port}: {why}") from None
        return int(probe.getsockname()[1])


def _load(settings: Settings, folder: Path | None, scratch: Path | None) -> Gateway:
    """Make the application, in a web process."""
    settings = _part_of(settings)
    pools: list[QueryPool] = []
    try:
        if scratch is None:
            pools = [QueryPool(settings, folder), QueryPool(settings, folder, for_pages=True)]
        else:
            pools = [ScratchPool(settings, scratch / "store")]
    except LeedskgError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    for pool in pools:
        util.Finalize(None, pool.close, exitpriority=2)
    if scratch is not None:  # here too, for the main process may have been killed
        util.Finalize(None, shutil.rmtree, args=(scratch,), kwargs={"ignore_errors": True}, exitpriority=1)
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    first = pools[0]
    if isinstance(first, ScratchPool):
        app, accounts = create_scratch_app(settings, first), None
    else:
        assert folder is not None
        shared = reach(folder / SOCKET)
        accounts = Accounts(settings, rates=shared.rates)
        util.Finalize(None, accounts.close, exitpriority=2)
        app = create_app(settings, first, pools[1], accounts, shared.steward)
    gc.collect()
    gc.freeze()  # what stays need not be looked through again and again
    threading.Thread(target=_drop_unread, args=(settings,), name="drop-unread", daemon=True).start()
    return Gateway(
        app.wsgi_app,
        threads=settings.web_threads,
        patience=settings.client_timeout,
        wait=settings.queue_timeout,
        longest_body=longest_body_of(app),
        log_json=settings.log_format == "json",
        answer_async=app.wsgi_app.answer_async if isinstance(app.wsgi_app, QuickAnswers) else None,
        route_limit=RouteLimit(
            settings.route_searches + settings.route_queue, crowded_page(app) if scratch is None else None
        ),
    )


def _part_of(settings: Settings) -> Settings:
    """Return the settings with a web process's part of what counts within it: questions about routes."""
    count = settings.web_process_count
    return replace(
        settings,
        route_searches=math.ceil(settings.route_searches / count),
        route_queue=math.ceil(settings.route_queue / count),
    )


def _end_with_parent() -> None:
    """Stop when the process that started us is gone without having told us to."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        logging.getLogger(__name__).error("the main process is gone")
        os.kill(os.getpid(), signal.SIGTERM)


def _drop_unread(settings: Settings) -> None:
    """Have the system end connections whose client takes nothing, as soon as this process listens."""
    until = time.monotonic() + _UNTIL_LISTENING
    while not drop_unread(settings.port, settings.client_timeout) and time.monotonic() < until:
        time.sleep(0.05)


def _announce(settings: Settings, with_accounts: bool) -> None:
    """Say where we are, once somebody can get there; and how to get in, while nobody has a password for that."""
    host = reachable(settings.host)
    while True:
        try:
            with socket.create_connection((host, settings.port), timeout=1):
                break
        except OSError:
            time.sleep(0.01)
    print(f"leedskg answers at {local_address(settings)}", flush=True)
    if not with_accounts:
        return
    try:
        with closing(Accounts(settings)) as accounts:
            token = accounts.links.first()
    except AccountsClosedError as error:
        print(f"Nobody can sign in here. {error}", flush=True)
        return
    if token:
        print(
            "Reading is open. To contribute, review and administer, open this link; it works once, within "
            f"{LASTS.total_seconds() / 3600:.0f} hours:\n{once_address(site_address(settings), token)}",
            flush=True,
        )

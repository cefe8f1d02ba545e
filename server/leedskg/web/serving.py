"""Serving the application over HTTP, with granian.

One web process is enough: it only carries, and the work is done by the query workers. Measured on two cores with
four clients, two web processes answered between 7 per cent fewer and 11 per cent more small queries a second than
one, which is the noise of that machine; and one keeps one pool of workers, so that its limits hold for all clients.
"""

from __future__ import annotations

import errno
import gc
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
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
from leedskg.ledger.desk import Desk
from leedskg.publishing import published
from leedskg.settings import Settings
from leedskg.sparql.opening import open_pool
from leedskg.sparql.pool import Pool
from leedskg.sparql.recruitment import LOADED_FIRST
from leedskg.sparql.scratch import ScratchPool
from leedskg.web import create_app
from leedskg.web.access import discreet
from leedskg.web.addresses import local_address, once_address, reachable, site_address
from leedskg.web.connections import drop_unread
from leedskg.web.crowd import Crowd, crowded_page
from leedskg.web.gateway import Gateway
from leedskg.web.groundwork import Groundlayer
from leedskg.web.quick import QuickAnswers
from leedskg.web.scratch import create_scratch_app
from leedskg.web.warming import warm_later

#: Seconds that requests under way are given when the server is told to stop.
_GRACE = 5

#: Bytes that the web server holds of what a client sends, and of what it is sent; headers have to fit.
_BUFFER = 131072
_LOGGING = {
    "formatters": {
        "generic": {"()": "leedskg.web.serving.Discreet", "fmt": "%(levelname)s: %(message)s"},
    },
    "handlers": {
        "console": {"formatter": "generic", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"},
    },
    "loggers": {},
    "root": {"handlers": ["console"], "level": "INFO"},
}


class Discreet(logging.Formatter):
    """Lines without the ids of queries, which are for those alone who ask them."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with the first characters of an id in the place of the whole."""
        return discreet(super().format(record))


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
        if scratch:
            made = tempfile.TemporaryDirectory(prefix="leedskg-scratch-", ignore_cleanup_errors=True)
            folder = Path(stack.enter_context(made))
        _serve(settings, folder)


def _serve(settings: Settings, scratch: Path | None) -> None:
    settings = replace(settings, port=free_port(settings.host, settings.port))
    server = Server(
        "leedskg",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGINL,
        loop=Loops.asyncio,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=round(settings.client_timeout * 1000), max_buffer_size=_BUFFER
        ),
        websockets=False,
        backpressure=settings.connections,
        backlog=max(1024, settings.connections),
        workers_kill_timeout=_GRACE,
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
        log_access=False,  # the gateway does it
    )
    try:
        server.serve(target_loader=partial(_load, settings, scratch), wrap_loader=False)
    except SystemExit as end:
        if end.code:
            raise LeedskgError("the web process has ended by itself; what it said stands above") from None


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


def _load(settings: Settings, scratch: Path | None) -> Gateway:
    """Make the application, in the web process."""
    pools: list[Pool] = []
    try:
        if scratch is None:
            # Pages have workers of their own, so that heavy queries of others do not keep them waiting. What they ask
            # is ours and known, so that none of it is reckoned heavy.
            for_pages = replace(settings, workers=settings.page_workers, spare_workers=0, queries_in_flight=2**31)
            for_pages = replace(for_pages, in_memory_below=min(settings.in_memory_below, LOADED_FIRST))
            pools = [open_pool(settings), open_pool(replace(for_pages, heavy_after=settings.query_timeout))]
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
        accounts = Accounts(settings)
        util.Finalize(None, accounts.close, exitpriority=2)
        desk = Desk(settings)
        util.Finalize(None, desk.close, exitpriority=2)
        layer = Groundlayer(settings, pools[1])
        util.Finalize(None, layer.close, exitpriority=3)  # before the pool that it looks at
        app = create_app(settings, first, pools[1], accounts, desk, layer)
        warm_later(settings, desk)
    gc.collect()
    gc.freeze()  # what stays need not be looked through again and again
    threading.Thread(target=_announce, args=(settings, accounts), name="announce", daemon=True).start()
    return Gateway(
        app.wsgi_app,
        threads=settings.web_threads,
        patience=settings.client_timeout,
        wait=settings.queue_timeout,
        longest_body=settings.upload_limit * 2**20,
        soon=app.wsgi_app.soon if isinstance(app.wsgi_app, QuickAnswers) else None,
        crowd=Crowd(settings.route_searches + settings.route_queue, crowded_page(app) if scratch is None else None),
    )


def _end_with_parent() -> None:
    """Stop when the process that started us is gone without having told us to."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        logging.getLogger(__name__).error("the main process is gone")
        os.kill(os.getpid(), signal.SIGTERM)


def _announce(settings: Settings, accounts: Accounts | None) -> None:
    """Say where we are, once somebody can get there; and how to get in, while nobody has a password for that."""
    host = reachable(settings.host)
    while True:
        try:
            with socket.create_connection((host, settings.port), timeout=1):
                break
        except OSError:
            time.sleep(0.01)
    drop_unread(settings.port, settings.client_timeout)
    print(f"leedskg answers at {local_address(settings)}", flush=True)
    if accounts is None:
        return
    try:
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

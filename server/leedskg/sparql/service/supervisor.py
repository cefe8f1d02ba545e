"""The supervisor of a generation: one process of one thread, which holds the graph, forks workers, and owns them.

A query is a connection to its socket: it passes the socket to a worker that is there already, and keeps a copy, to see
that the client hangs up and to say why a query was stopped. A client that left, a deadline, a cancelled query and the
end of the server are one thing: the worker is killed, reaped, and replaced by a fork of milliseconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from functools import partial
from typing import Any

from leedskg.sparql.service import frames, sandbox
from leedskg.sparql.service import worker as workers
from leedskg.sparql.service.arrivals import BEGINNING, Arrivals, LastWords
from leedskg.sparql.service.children import Children, Work, Worker
from leedskg.sparql.service.fairness import Fairness, Query, QueryLimits
from leedskg.sparql.service.watching import has_hung_up, watcher

#: Seconds after which it is looked at whether a query has ended, and its worker is asked to say it.
_LOOK_AFTER = 0.05
#: Seconds for which one that is replaced goes on accepting, for a client may just have read where it is.
_GRACE = 1.0


class Supervisor:
    """Accepts queries, hands each to an idle worker, and stops it at its deadline or when its client has gone."""

    def __init__(self, listener: socket.socket, keeper: socket.socket, limits: QueryLimits, work: Work, *, plain: bool):
        self._keeper = keeper
        self._limits = limits
        self._watch = watcher(plain=plain)
        self._fairness = Fairness(limits)
        self._children = Children(work, limits, self._watch, self._on_worker_message)
        self._arrivals = Arrivals(listener, self._watch, self._asked)
        self._last_words = LastWords(self._watch)
        self._leave_at = 0.0
        self._is_ready = self._is_over = False
        self._woken, waker = socket.socketpair()
        waker.setblocking(False)
        self._waker = waker
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        self._watch.on_readable(self._woken, self._reap, 0)
        self._watch.on_readable(keeper, self._on_keeper_message, 0)

    def run(self) -> None:
        """Serve until the keeper goes, or says that another has taken over and nothing is left to answer."""
        self._fill()
        while not self._is_over:
            for action in self._watch.wait(self._pause(), self._collect_finished):
                action()
            self._look_at_the_clock()
            is_empty = not (self._fairness.taken or self._arrivals or self._last_words)
            if self._leave_at and is_empty and time.monotonic() >= self._leave_at:
                break
        self._close()

    def _on_keeper_message(self) -> None:
        """Do what the keeper says: drain; or end, when it has gone."""
        said = b""
        with contextlib.suppress(ConnectionError):
            said = self._keeper.recv(16)
        self._is_over = not said
        self._leave_at = time.monotonic() + _GRACE

    def _tell(self, **said: Any) -> None:
        with contextlib.suppress(OSError):  # it has gone, which `_on_keeper_message` sees
            self._keeper.sendall(json.dumps(said).encode() + b"\n")

    def _asked(self, connection: socket.socket, said: dict[str, Any], begun: bytes) -> None:
        if said["do"] == "cancel":
            self._last_words.say(connection, frames.json_frame(frames.END, {"found": self._cancel(said["id"])}))
        elif said["do"] == "status":
            self._last_words.say(connection, frames.json_frame(frames.END, self._status()))
        else:
            self._take_on(Query.read(connection, said, frames.mark_of(bytes.fromhex(said["mark"]))), said, begun)

    def _take_on(self, query: Query, said: dict[str, Any], begun: bytes) -> None:
        refusal = self._fairness.refusal(query)
        if refusal:
            self._last_words.say(query.connection, frames.last_word(query.mark, refusal))
            return
        self._fairness.taken.add(query)
        if said.get("later"):  # it asks other endpoints first, and comes back on the same connection
            query.begun = begun  # it may be back already, with what came of it in the same piece
            self._watch.on_readable(query.connection, partial(self._requeue, query))
            self._requeue(query)
            return
        self._queue(query, begun)

    def _requeue(self, query: Query) -> None:
        """Queue a query that has its own answers from elsewhere now, or forget it when its client has gone."""
        is_gone = has_hung_up(query.connection)
        try:
            came = query.connection.recv(BEGINNING, socket.MSG_DONTWAIT)
            is_gone = is_gone or not came
            query.begun += came
        except BlockingIOError:
            pass
        except OSError:
            is_gone = True
        said = frames.split(query.begun)
        if is_gone:
            self._end(query)
        elif said is not None:
            query.seconds, query.arrived = json.loads(said[1])["seconds"], time.monotonic()
            self._queue(query, said[2])

    def _queue(self, query: Query, begun: bytes) -> None:
        query.begun = begun
        if self._fairness.has_no_place_for(query):
            self._end(query, {"kind": "crowded"})
            return
        self._watch.on_readable(query.connection, partial(self._on_hang_up, query))
        self._fairness.waiting.append(query)
        self._dispatch()
        if query.worker is None and not self._children.idle:
            self._fill()

    def _on_hang_up(self, query: Query) -> None:
        """Stop a query whose client has gone; or leave to its worker what else its client sends."""
        if query not in self._fairness.taken:
            return
        if has_hung_up(query.connection):
            self._end(query)
        else:
            self._watch.on_hang_up(query.connection, partial(self._on_hang_up, query))

    def _cancel(self, name: str) -> bool:
        query = next((each for each in self._fairness.taken if each.id == name), None) if name else None
        if query is not None:
            self._end(query, {"kind": "cancelled"})
        return query is not None

    def _dispatch(self) -> None:
        """Give idle workers to those who wait."""
        while self._children.idle and (query := self._fairness.next()) is not None:
            worker = self._children.idle.pop()
            try:
                worker.hand_over(query, was_heavy=self._fairness.is_known(query))
            except OSError:  # it has died; its place is filled when it is reaped
                worker.state = "ending"
                self._fairness.waiting.insert(0, query)
                continue
            now = time.monotonic()
            query.worker, worker.query, worker.state = worker, query, "busy"
            query.due, query.heavy_at = now + query.seconds, now + self._limits.heavy_after
            query.look_at = now + _LOOK_AFTER
        if self._fairness.waiting:
            for worker in self._children:
                worker.shared[workers.WANTED] = 1
            self._collect_finished()

    def _collect_finished(self) -> None:
        """Collect the workers that have finished. It comes before what clients say, who may know it already."""
        for query in [each for each in self._fairness.taken if each.worker and each.worker.shared[workers.FINISHED]]:
            if query.worker:
                self._done(query.worker, query)

    def _done(self, worker: Worker, query: Query) -> None:
        """Have a worker that has answered a query take another one, or end."""
        worker.answered = query.connection
        self._forget(query, is_answered=True)
        if query.is_heavy and worker.is_spent(self._limits.most_kept):
            self._children.dismiss(worker)
        else:
            worker.state = "idle"
            self._children.idle.append(worker)
            if query.suspended_since is not None:  # with the answer on its way
                self._children.signal(worker, signal.SIGCONT)
        if query.is_heavy:  # another has taken its place
            self._children.drop_surplus()
            self._fill()
        if self._fairness.waiting:
            self._dispatch()

    def _on_worker_message(self, worker: Worker) -> None:
        """Handle the message of a worker."""
        try:
            said = worker.control.recv(4096, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if not said:
            self._watch.forget(worker.control)  # it is over, and is reaped in a moment
        elif said[:1] == workers.FAILED:
            worker.failed = said[1:].decode()
        elif worker.state == "starting":
            worker.state = "idle"
            worker.private_at_first = sandbox.private_memory(worker.pid)
            self._children.idle.appendleft(worker)  # it was never busy
            if not self._is_ready:
                self._is_ready = True
                self._tell(ready=True, unconfined=said[1:].decode())
            self._dispatch()

    def _end(self, query: Query, why: dict[str, Any] | None = None) -> None:
        """Stop a query, whatever it is at, and tell its client why, if there is one to be told."""
        if query not in self._fairness.taken:
            return
        if query.worker is not None:
            query.worker.break_off(self._fairness.taken)
            self._children.kill(query.worker)
        self._forget(query, why)
        self._fill()
        self._dispatch()

    def _forget(self, query: Query, why: dict[str, Any] | None = None, *, is_answered: bool = False) -> None:
        """Forget a query that has ended, and resume another heavy one."""
        if query.worker is not None:
            query.worker.query = None
            query.worker = None
        was_heavy = query.is_heavy
        self._fairness.remove(query)
        if is_answered:
            self._arrivals.expect_again(query.connection)
        else:
            self._hang_up(query, why)
        if was_heavy:
            self._take_turns()

    def _hang_up(self, query: Query, why: dict[str, Any] | None) -> None:
        self._watch.forget(query.connection)
        if why is None:
            query.connection.close()
        else:
            self._last_words.say(query.connection, frames.last_word(query.mark, why))

    def _take_turns(self) -> None:
        """Let those heavy queries run whose turn it is, and stop what has no place."""
        running, suspended, crowded = self._fairness.turns()
        now = time.monotonic()
        for query in running:
            if query.suspended_since is not None and query.worker:
                query.suspended, query.suspended_since = query.waited(), None
                self._children.signal(query.worker, signal.SIGCONT)
        for query in suspended:
            if query.suspended_since is None and query.worker:
                query.suspended_since = now
                self._children.signal(query.worker, signal.SIGSTOP)
        for query in crowded:
            self._end(query, {"kind": "crowded"})

    def _reap(self) -> None:
        """Reap the children that have ended."""
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(4096, socket.MSG_DONTWAIT)
        for worker, code in self._children.reap():
            self._on_worker_exit(worker, code)

    def _on_worker_exit(self, worker: Worker, code: int) -> None:
        """Handle the end of a worker, and of what it was doing."""
        self._on_worker_message(worker)  # its last words may not have been read yet
        self._collect_finished()
        if worker in self._children.idle:
            self._children.idle.remove(worker)
        if worker.state == "starting":
            self._children.pause()
            if not self._is_ready:
                self._tell(failed=worker.failed or f"it ended with {code} while it was opening it")
        self._children.close(worker)
        query = worker.query
        is_taken = bool(worker.shared[workers.TAKEN])
        worker.break_off(self._fairness.taken)
        if query is not None and not is_taken:  # it had died before it was asked
            query.worker = worker.query = None
            self._fairness.waiting.insert(0, query)
        elif query is not None:
            self._forget(query, {"kind": "ended", "code": code, "seconds": query.seconds, "waited": query.waited()})
        worker.shared.close()
        self._fill()
        self._dispatch()

    def _fill(self) -> None:
        """Have as many workers for quick queries as there should be."""
        if self._is_over or (self._leave_at and not self._fairness.waiting):
            return
        wrong = self._children.fill()
        if wrong and not self._is_ready and not self._children:
            self._tell(failed=wrong)

    def _pause(self) -> float | None:
        """Return the seconds until something is due; None while nothing is."""
        dues = [min(each.due, each.heavy_at, each.look_at) for each in self._fairness.taken if each.worker]
        dues += [each.arrived + self._limits.queue_timeout for each in self._fairness.waiting]
        dues += self._last_words.dues()
        dues += [each for each in (self._children.not_before, self._leave_at) if each > time.monotonic()]
        return max(0.0, min(dues) - time.monotonic()) if dues else None

    def _look_at_the_clock(self) -> None:
        now = time.monotonic()
        for query in [each for each in self._fairness.taken if each.worker]:
            if query.look_at <= now and query.worker:
                query.look_at = query.due
                query.worker.shared[workers.WANTED] = 1
                if query.worker.shared[workers.FINISHED]:
                    self._done(query.worker, query)
                    continue
            if query.due <= now:
                self._end(query, {"kind": "deadline", "seconds": query.seconds, "waited": query.waited()})
            elif query.heavy_at <= now and not query.is_heavy and not query.is_page and query.worker:
                query.heavy_at = query.due
                query.worker.is_slow = not sandbox.lower_priority(query.worker.pid)
                self._fairness.add_heavy(query)
                self._fill()
                self._take_turns()
                self._dispatch()  # it may have held its client's last place
            elif query.heavy_at <= now:
                query.heavy_at = query.due
        for query in [each for each in self._fairness.waiting if each.arrived + self._limits.queue_timeout <= now]:
            self._end(query, {"kind": "queue", "seconds": self._limits.queue_timeout})
        self._last_words.give_up(now)
        if 0 < self._children.not_before <= now:
            self._children.not_before = 0.0
            self._fill()

    def _status(self) -> dict[str, Any]:
        """Return what the workers are doing, by their process numbers."""
        return {
            "pid": os.getpid(),
            "idle": [worker.pid for worker in self._children.idle],
            "busy": [worker.pid for worker in self._children if worker.query],
            "heavy": [each.worker.pid for each in self._fairness.heavy if each.worker],
            "ending": [worker.pid for worker in self._children if worker.state == "ending"],
            "taken": len(self._fairness.taken),
            "waiting": len(self._fairness.waiting),
        }

    def _close(self) -> None:
        """Stop what is left, and tell the clients that the server is going."""
        self._is_over = True
        for worker in self._children:
            self._children.kill(worker)
        for query in list(self._fairness.taken):
            query.worker = None
            self._forget(query, {"kind": "closing"})
        self._children.wait()

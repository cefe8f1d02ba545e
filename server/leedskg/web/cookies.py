"""The two cookies: one for a browser that is signed in, one that ties a form to a browser that is not.

Both are HttpOnly and SameSite=Strict. Over https they are Secure and carry the prefix `__Host-`, so that no neighbour
under the same domain can set them. Over plain http the port is part of the name, because cookies do not know ports and
two instances on one machine would sign each other out.
"""

from __future__ import annotations

import secrets
from typing import Literal

from flask import Response, g, request

from leedskg.settings import Settings
from leedskg.web import current

_Which = Literal["session", "form"]


def is_secure(settings: Settings) -> bool:
    """Whether people reach this site over https: by the setting, or by a proxy that is believed."""
    return settings.public_address.startswith("https:") or request.is_secure


def name_of(which: _Which, settings: Settings) -> str:
    """The name of a cookie."""
    return f"__Host-leedskg-{which}" if is_secure(settings) else f"leedskg-{which}-{settings.port}"


def session() -> str:
    """The session id that the browser has sent, or nothing."""
    return request.cookies.get(name_of("session", current.settings()), "")


def form() -> str:
    """What ties forms to this browser while nobody is signed in, or nothing."""
    return request.cookies.get(name_of("form", current.settings()), "")


def new_form() -> str:
    """The same, made and sent with this response when the browser has none."""
    found = form()
    if len(found) < 20:
        if "form_cookie" not in g:
            g.form_cookie = secrets.token_urlsafe(24)
        found = str(g.form_cookie)
    return found


def start_session(secret: str) -> None:
    """Send a session id with this response."""
    g.session_cookie = secret


def end_session() -> None:
    """Have the browser forget its session id."""
    g.session_cookie = ""


def send(response: Response, settings: Settings) -> None:
    """Put the cookies that this request has made into its response."""
    secure = is_secure(settings)
    for which in ("session", "form"):
        value = g.get(f"{which}_cookie")
        if value is None:
            continue
        name = name_of(which, settings)
        if value:
            age = settings.session_life * 3600 if which == "session" else None
            response.set_cookie(name, value, max_age=age, httponly=True, samesite="Strict", secure=secure)
        else:
            response.delete_cookie(name, httponly=True, samesite="Strict", secure=secure)

"""The cookies of the site: for a session, for a form, and for a browser that is known.

One is for a browser that is signed in, one ties a form to a browser that is not, and by one a browser shows that an
account has signed in there before, so that the wrong passwords of others are not held against it.

All are HttpOnly and SameSite=Strict. Over https they are Secure and carry the prefix `__Host-`, so that no neighbour
under the same domain can set them. Over plain http the port is part of the name, because cookies do not know ports and
two instances on one machine would sign each other out.
"""

from __future__ import annotations

import secrets
from typing import Literal

from flask import Response, g, request

from leedskg.accounts import BROWSER_KNOWN_FOR
from leedskg.settings import Settings
from leedskg.web import current

_Which = Literal["session", "form", "known"]


def is_secure(settings: Settings) -> bool:
    """Return whether people reach this site over https: by the setting, or by a proxy that is believed."""
    return settings.public_address.startswith("https:") or request.is_secure


def name_of(which: _Which, settings: Settings) -> str:
    """Return the name of a cookie."""
    return f"__Host-leedskg-{which}" if is_secure(settings) else f"leedskg-{which}-{settings.port}"


def session() -> str:
    """Return the session id that the browser has sent, or nothing."""
    return request.cookies.get(name_of("session", current.settings()), "")


def form() -> str:
    """Return what ties forms to this browser while nobody is signed in, or nothing."""
    return request.cookies.get(name_of("form", current.settings()), "")


def new_form() -> str:
    """Return what ties forms to this browser, made and sent with this response when the browser has none."""
    found = form()
    if len(found) < 20:
        if "form_cookie" not in g:
            g.form_cookie = secrets.token_urlsafe(24)
        found = str(g.form_cookie)
    return found


def known() -> str:
    """Return what the browser has kept of an account that has signed in there, or nothing."""
    return request.cookies.get(name_of("known", current.settings()), "")


def start_session(secret: str, known_browser: str) -> None:
    """Send a session id with this response, and what the browser is to be known by at the next sign-in."""
    g.session_cookie = secret
    g.known_cookie = known_browser


def end_session() -> None:
    """Have the browser forget its session id."""
    g.session_cookie = ""


def send(response: Response, settings: Settings) -> None:
    """Put the cookies that this request has made into its response."""
    secure = is_secure(settings)
    for which, age in _ages(settings).items():
        value = g.get(f"{which}_cookie")
        if value is None:
            continue
        name = name_of(which, settings)
        if value:
            response.set_cookie(name, value, max_age=age, httponly=True, samesite="Strict", secure=secure)
        else:
            response.delete_cookie(name, httponly=True, samesite="Strict", secure=secure)


def _ages(settings: Settings) -> dict[_Which, int | None]:
    """Return the seconds for which a browser keeps each cookie; None: until it is closed."""
    return {"session": settings.session_life * 3600, "form": None, "known": BROWSER_KNOWN_FOR}

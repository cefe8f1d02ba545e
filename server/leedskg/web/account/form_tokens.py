"""That a form was sent from a page of this site by the browser that the page was made for.

Every request that changes something is asked for both: that the browser says it comes from this site (`Sec-Fetch-Site`,
`Origin`), and for a token that itsdangerous has signed for this session, or for this browser while nobody is signed in.
Requests with an API token are not, for no browser sends one by itself.
"""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup

from leedskg.errors import NotAllowedError, SignInNeededError
from leedskg.web import current
from leedskg.web.account import cookies, security
from leedskg.web.serving.request_bodies import SMALL, limit_body

FIELD = "form_token"
#: The same token for a page script that sends JSON with the cookie.
HEADER = "X-Form-Token"
_SMALL_PARTS = ("sign_in", "account", "following", "alerts", "administration")
_SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
#: Parts of the site that take a POST which asks and changes nothing, which refuse every change, or whose address is
#: signed, whoever sends it.
_ASKING = "leedskg.asking"


def install(app: Flask, asking: tuple[str, ...]) -> None:
    """Check every request that changes something, but for the blueprints named in `asking`, which only answer."""
    app.extensions[_ASKING] = frozenset(asking)
    app.before_request(_check)
    app.jinja_env.globals["form_field"] = form_field


def form_field() -> Markup:
    """Make the hidden field that every form with method="post" needs."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, form_token())


def form_token() -> str:
    """Make a token for the forms of this page; the page is then for this browser alone."""
    g.personal = True
    session = security.visitor().session
    bound = session.key if session else cookies.new_form()
    return _serializer(bound, security.accounts().database.key()).dumps("")


def _check() -> None:
    if request.method in _SAFE or request.routing_exception is not None:
        return
    if request.blueprint in current_app.extensions[_ASKING] or security.has_token():
        return
    _check_origin()
    session = security.visitor().session
    large = session is not None and request.blueprint not in _SMALL_PARTS
    request.max_content_length = SMALL
    if large:
        limit_body()
    if session is None and (request.content_length or 0) > SMALL:  # before a stranger's megabytes are read
        raise SignInNeededError("You are not signed in, or not any more; nothing was changed. Sign in and try again.")
    bound = session.key if session else cookies.form()
    token = request.headers.get(HEADER) or request.form.get(FIELD, "")
    key = security.accounts().database.key(make=False)
    if not bound or not key or not _is_signed(token, bound, key):
        raise NotAllowedError(
            "The form was not made for this browser as it is signed in now, or is too old; nothing was changed. "
            "Go back, load the page again, and send the form once more. The browser must keep cookies."
        )


def _check_origin() -> None:
    site = request.headers.get("Sec-Fetch-Site")
    if site not in (None, "same-origin", "none"):
        raise NotAllowedError("The form was sent from another site; nothing was changed.")
    origin = request.headers.get("Origin")
    if origin is None:
        return
    public = current.settings().public_address
    own = {_origin(request.host_url)} | ({_origin(public)} if public else set())
    if _origin(origin) not in own:
        raise NotAllowedError(
            f"The form was sent from {origin[:200]}, and this site is {' or '.join(sorted(own))}; nothing was changed. "
            "If both are this site, whoever runs it has to set LEEDSKG_PUBLIC_ADDRESS to the address people use."
        )


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "nowhere"
    return f"{parts.scheme}://{parts.hostname}:{port}" if parts.hostname else "nowhere"


def _is_signed(token: str, bound: str, key: bytes) -> bool:
    if len(token) > 500:
        return False
    try:
        _serializer(bound, key).loads(token, max_age=current.settings().session_life * 3600)
    except (BadSignature, ValueError):
        return False
    return True


def _serializer(bound: str, key: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt=f"form {bound}", signer_kwargs={"digest_method": hashlib.sha256})

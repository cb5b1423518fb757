"""Pages of plain text, for when there is no browser app to show anything better."""

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Final

from aiohttp import web

_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center}"
    "body{font:1rem/1.5 system-ui,sans-serif}"
    "main{max-width:34rem;padding:2rem}"
    "h1{font-size:1.75rem;line-height:1.2}"
    "a{display:inline-block;padding:.75rem 1.1rem;border-radius:12px;font-weight:700;"
    "text-decoration:none;background:#ffb224;color:#1d1303}"
)
# The policy names the style by its hash, so that nothing else that is inline is obeyed.
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
    "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>
<body><main><h1>{title}</h1>{body}</main></body>
</html>
"""


def plain_page(status: int, title: str, *paragraphs: str, way_home: bool = False) -> web.Response:
    """A page of text; what it is given is shown as text, whatever it holds."""
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    if way_home:
        body += '<p><a href="/">See who is live</a></p>'
    return web.Response(
        status=status,
        text=_PAGE.format(title=escape(title), style=_STYLE, body=body),
        content_type="text/html",
        headers={"Cache-Control": "no-store", "Content-Security-Policy": _POLICY},
    )

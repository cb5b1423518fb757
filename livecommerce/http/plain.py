"""Pages of plain text, for when there is no browser app to show anything better."""

from html import escape

from aiohttp import web

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>{title}</h1>{body}</main></body>
</html>
"""


def plain_page(status: int, title: str, *paragraphs: str) -> web.Response:
    """A page of text; what it is given is shown as text, whatever it holds."""
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return web.Response(
        status=status,
        text=_PAGE.format(title=escape(title), body=body),
        content_type="text/html",
        headers={"Cache-Control": "no-store"},
    )

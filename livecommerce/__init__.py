"""Live commerce: influencers broadcast, viewers watch, chat and buy.

This package assembles the program from its parts: `signaling` (the Socket.IO hub), `media` (the
SFU), `shop` (commerce) and `db` (Postgres). It owns accounts, live sessions, HTTP and the pages.
"""

__version__ = "0.1.0"

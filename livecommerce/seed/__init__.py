"""Demo data: wholesalers with products and their pictures, influencers, a live session to watch.

Everything has an id made of its name, so running it again finds what is there and leaves it alone.
Accounts have no password; who wants to log in as one of them needs a one-time link.
"""

from livecommerce.seed.seeding import SeedResult, seed

__all__ = ["SeedResult", "seed"]

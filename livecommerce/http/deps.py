"""What the HTTP surface is made of; the composition root fills it in."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

from db import Database
from livecommerce import clock
from livecommerce.accounts.accounts import Accounts
from livecommerce.accounts.sealing_keys import SealingKeys
from livecommerce.accounts.tokens import Issuer, Verifier
from livecommerce.http.health import Health
from livecommerce.http.metrics import HttpMetrics
from livecommerce.http.origins import OriginPolicy
from shop.checkout import DEFAULT_TERMS, ShopTerms
from shop.payments.paying import NO_PAYMENTS, Payments
from shop.payouts import DEFAULT_PAYOUT_TERMS, PayoutTerms
from shop.returns import DEFAULT_TERMS as DEFAULT_RETURN_TERMS
from shop.returns import ReturnTerms
from signaling.addresses import TrustedProxies

# How many viewers each of these live sessions has now; one that is missing has none. It answers
# from memory or Redis and may raise: the pages then show no number.
ViewersOf: TypeAlias = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, int]]]


@dataclass(frozen=True, slots=True)
class HttpDeps:
    """dist_dir: the built browser app. images_dir: pictures of products, in a folder `products`.
    origins: which web origins are ours. metrics: registered in `health.registry`. sealing: the keys
    of bank and tax details."""

    db: Database
    accounts: Accounts
    verifier: Verifier
    issuer: Issuer
    health: Health
    metrics: HttpMetrics
    viewers_of: ViewersOf
    dist_dir: Path
    images_dir: Path
    origins: OriginPolicy
    sealing: SealingKeys
    trusted_proxies: TrustedProxies
    now: Callable[[], datetime] = clock.now
    shop_terms: ShopTerms = DEFAULT_TERMS
    payout_terms: PayoutTerms = DEFAULT_PAYOUT_TERMS
    return_terms: ReturnTerms = DEFAULT_RETURN_TERMS
    payments: Payments = NO_PAYMENTS

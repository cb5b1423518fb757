"""How orders are paid.

Placing an order writes a payment beside it, in the same transaction, and calls nobody. The desk
(desk.py) does what has to be done at providers, afterwards and off the way of a checkout; what
providers say comes in through the inbox (inbox.py), each event once; what an event means for a
payment is decided in machine.py, whatever the order in which events come.
"""

from __future__ import annotations

from typing import Final, Literal

PaymentMethod = Literal["cod", "test", "upi", "stripe", "razorpay"]

METHODS: Final[tuple[PaymentMethod, ...]] = ("cod", "test", "upi", "stripe", "razorpay")

# The built-in provider declines whoever orders with this number, so that a decline can be shown and
# tested (table private.test_payment_scripts).
TEST_DECLINED_PHONE: Final = "+919000000013"

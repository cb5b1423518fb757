"""Documents of tax: issued in the transaction of what they are about, printed when asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from db import Actor, Database, Query, Transaction
from shop.document_pdf import pdf_of
from shop.documents import Document, credit_of, invoice_of, whole_of
from shop.refusal import ShopRefused

GstinOf: TypeAlias = Callable[[UUID, str | None], str | None]
"""The GSTIN of a wholesaler in clear, from what the database keeps; None for who has none. Raises
ShopRefused invoice.gstin_unreadable."""


@dataclass(frozen=True, slots=True)
class Printed:
    """name: of the file."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Kept:
    id: UUID
    number: str
    issued_at: datetime
    document: dict[str, Any]


_FACTS = Query("after_sale.facts_of_invoice", dict)
_ISSUE = Query("after_sale.issue_document", UUID)
_TO_CREDIT = Query("after_sale.invoices_to_credit", _Kept)
_CREDITED_BEFORE = Query("after_sale.credited_before", dict)
_DOCUMENT = Query("after_sale.document", dict)

# Some 20 ms a page, all of it in Python: not on the loop, and not several at once, for the loop
# gives way to each.
_TYPESETTER: Final = ThreadPoolExecutor(1, thread_name_prefix="invoices")


async def issue_invoice(
    transaction: Transaction, shipment_id: UUID, gstin_of: GstinOf, now: datetime
) -> None:
    """The invoice of a parcel that leaves in this transaction."""
    facts = await transaction.one(_FACTS, shipment_id)
    assert facts is not None, "the parcel was locked before"
    wholesaler_id = UUID(facts["wholesaler_id"])
    gstin = gstin_of(wholesaler_id, facts["supplier"]["sealed_gstin"])
    document = invoice_of(facts, gstin, now)
    order_id = UUID(facts["order_id"])
    await _issue(transaction, document, order_id, wholesaler_id, shipment_id, None, now)


async def credit_parcel(
    transaction: Transaction,
    order_id: UUID,
    wholesaler_id: UUID,
    shipment_id: UUID,
    now: datetime,
) -> None:
    """Takes back the invoice of a parcel that came back; nothing when there was none."""
    kept = await transaction.all(_TO_CREDIT, shipment_id, None)
    if not kept:
        return
    documents = _contents(kept)
    document = credit_of(documents, whole_of(documents[0]), {}, "came back undelivered", now)
    await _issue(transaction, document, order_id, wholesaler_id, shipment_id, None, now)


async def credit_return(
    transaction: Transaction, return_id: UUID, received: Mapping[str, Any], now: datetime
) -> None:
    """Credits what arrived of a return; received as of private.receive_return_v1."""
    kept = await transaction.all(_TO_CREDIT, None, return_id)
    order_id = UUID(received["order_id"])
    lines = {
        line["order_item_id"]: (line["quantity"], line["amount_minor"])
        for line in received["lines"]
    }
    if not kept or not lines:
        return
    before = await transaction.one(_CREDITED_BEFORE, order_id) or {}
    document = credit_of(_contents(kept), lines, before, received["return_number"], now)
    if not document.content["lines"]:
        return
    wholesaler_id = UUID(received["wholesaler_id"])
    await _issue(transaction, document, order_id, wholesaler_id, None, return_id, now)


async def printed(db: Database, actor: Actor, order_id: UUID, invoice_id: UUID) -> Printed:
    """A document as PDF, for its customer, its wholesaler or an admin.

    Raises ShopRefused invoice.not_found.
    """
    content = await db.acting_as(actor).one(_DOCUMENT, order_id, invoice_id)
    if content is None:
        raise ShopRefused("invoice.not_found", "There is no such document.")
    body = await asyncio.get_running_loop().run_in_executor(_TYPESETTER, pdf_of, content)
    return Printed(f"{content['number'].replace('/', '-')}.pdf", body)


async def _issue(
    transaction: Transaction,
    document: Document,
    order_id: UUID,
    wholesaler_id: UUID,
    shipment_id: UUID | None,
    return_id: UUID | None,
    now: datetime,
) -> None:
    tax = document.tax
    await transaction.one(
        _ISSUE,
        document.document_type,
        order_id,
        wholesaler_id,
        shipment_id,
        return_id,
        document.gstin,
        now,
        tax.taxable_minor,
        tax.cgst_minor,
        tax.sgst_minor,
        tax.igst_minor,
        tax.total_minor,
        document.content,
    )


def _contents(kept: Sequence[_Kept]) -> list[dict[str, Any]]:
    return [one.document for one in kept]

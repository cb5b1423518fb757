"""Bank and tax details: given in clear by their owner, never seen in clear again."""

import logging
from typing import Any
from uuid import UUID

import pytest
import structlog

from livecommerce.accounts.sealing import key_id_of
from livecommerce.accounts.sealing_keys import SealingKeys
from livecommerce.http.payment_details_routes import ROUTES

PATH = "/api/v1/me/payment-details"
UNKNOWN = UUID(int=99)
GSTIN, PAN, ACCOUNT, IFSC = "27AAPFU0939F1ZV", "AAPFU0939F", "50100234567890", "HDFC0001234"
LOST = f"sealed:v1:{'0' * 16}:{'A' * 60}"
GIVEN = {
    "gst_number": GSTIN,
    "pan_number": PAN,
    "bank_account_number": ACCOUNT,
    "ifsc_code": IFSC,
    "bank_name": "HDFC Bank",
}
MASKED: dict[str, Any] = {
    "gst_number": "27••••••1ZV",
    "pan_number": "••••••939F",
    "bank_account_number": "••••••7890",
    "ifsc_code": "HDFC••••••",
    "bank_name": "HDFC Bank",
    "upi_id": None,
    "unreadable": [],
}
NOTHING = dict.fromkeys(MASKED) | {"unreadable": []}


async def code_of(response: Any) -> str:
    return str((await response.json())["refused"]["code"])


async def details_of(response: Any) -> Any:
    assert response.status == 200, await response.text()
    return (await response.json())["payment_details"]


@pytest.fixture
async def wholesaler(world: Any) -> UUID:
    user_id: UUID = await world.user("wholesaler", "Weavers")
    return user_id


@pytest.fixture
def patch(client: Any, bearer: Any, wholesaler: UUID) -> Any:
    def send(**body: Any) -> Any:
        return client.patch(PATH, json=body, headers=bearer("wholesaler", wholesaler))

    return send


@pytest.fixture
def get(client: Any, bearer: Any, wholesaler: UUID) -> Any:
    def send() -> Any:
        return client.get(PATH, headers=bearer("wholesaler", wholesaler))

    return send


async def test_a_new_wholesaler_has_given_nothing(get: Any) -> None:
    assert await details_of(await get()) == NOTHING


async def test_what_was_given_is_answered_masked(patch: Any, get: Any) -> None:
    assert await details_of(await patch(**GIVEN)) == MASKED
    assert await details_of(await get()) == MASKED


async def test_a_field_left_out_stays_and_null_takes_one_away(patch: Any, get: Any) -> None:
    await patch(**GIVEN)
    answer = await details_of(await patch(bank_account_number="1234 5678 9012", gst_number=None))
    assert answer == MASKED | {"bank_account_number": "••••••9012", "gst_number": None}
    assert await details_of(await get()) == answer


async def test_giving_the_same_again_writes_nothing(patch: Any, world: Any) -> None:
    await patch(**GIVEN)
    before = await world.ask("select wholesalers::text from wholesalers")
    assert await details_of(await patch(pan_number=PAN.lower(), bank_name="HDFC  Bank")) == MASKED
    assert await world.ask("select wholesalers::text from wholesalers") == before


async def test_an_influencer_gives_a_upi_id(client: Any, bearer: Any, world: Any) -> None:
    headers = bearer("influencer", await world.user())
    given = {**GIVEN, "upi_id": "Meera@okaxis"}
    answer = await details_of(await client.patch(PATH, json=given, headers=headers))
    assert answer == MASKED | {"upi_id": "m••••••@okaxis"}
    assert await details_of(await client.get(PATH, headers=headers)) == answer


async def test_every_field_that_cannot_be_right_is_named_and_nothing_is_kept(
    patch: Any, get: Any
) -> None:
    response = await patch(
        gst_number="27AAPFU0939F1ZO", pan_number="", upi_id="meera@okaxis", ifsc_code=IFSC
    )
    assert response.status == 422
    refused = (await response.json())["refused"]
    assert refused["code"] == "payment_details.invalid"
    assert refused["details"]["reasons"] == {
        "gst_number": "gst.check_digit",
        "pan_number": "pan.malformed",
        "upi_id": "field.not_yours",
    }
    assert all(sentence.endswith(".") for sentence in refused["details"]["fields"].values())
    assert await details_of(await get()) == NOTHING


async def test_a_gstin_must_belong_to_the_pan_that_was_given_before(patch: Any) -> None:
    await patch(pan_number="AAPFU0939G")
    response = await patch(gst_number=GSTIN)
    assert response.status == 422
    reasons = (await response.json())["refused"]["details"]["reasons"]
    assert reasons == {"gst_number": "gst.of_other_pan"}


@pytest.mark.parametrize("body", [{"pan": PAN}, {"pan_number": 7}, [PAN]])
async def test_a_malformed_request_is_refused(
    client: Any, bearer: Any, wholesaler: UUID, body: Any
) -> None:
    response = await client.patch(PATH, json=body, headers=bearer("wholesaler", wholesaler))
    assert await code_of(response) == "payload.invalid"


@pytest.mark.parametrize("role", ["customer", "admin"])
async def test_who_is_not_paid_has_no_details(client: Any, bearer: Any, role: Any) -> None:
    assert await code_of(await client.get(PATH, headers=bearer(role))) == "auth.forbidden"
    response = await client.patch(PATH, json=GIVEN, headers=bearer(role))
    assert await code_of(response) == "auth.forbidden"


async def test_an_account_without_a_profile_has_no_details(client: Any, bearer: Any) -> None:
    headers = bearer("wholesaler", UNKNOWN)
    assert await code_of(await client.get(PATH, headers=headers)) == "auth.forbidden"
    response = await client.patch(PATH, json=GIVEN, headers=headers)
    assert await code_of(response) == "auth.forbidden"


async def test_a_wholesaler_that_was_switched_off_changes_nothing(patch: Any, world: Any) -> None:
    await world.ask("update wholesalers set is_active = false")
    assert await code_of(await patch(**GIVEN)) == "auth.forbidden"
    assert await world.ask("select pan_number from wholesalers") is None


async def test_an_admin_sees_them_masked(client: Any, bearer: Any, world: Any, patch: Any) -> None:
    await patch(**GIVEN)
    wholesaler_id = await world.ask("select id from wholesalers")
    path = f"/api/v1/admin/wholesalers/{wholesaler_id}/payment-details"
    assert await details_of(await client.get(path, headers=bearer("admin"))) == MASKED


async def test_an_admin_sees_those_of_an_influencer(client: Any, bearer: Any, world: Any) -> None:
    await world.user()
    path = f"/api/v1/admin/influencers/{await world.ask('select id from influencers')}"
    response = await client.get(f"{path}/payment-details", headers=bearer("admin"))
    assert await details_of(response) == NOTHING


@pytest.mark.parametrize("kind", ["wholesalers", "influencers"])
@pytest.mark.parametrize("id_", [str(UNKNOWN), "one"])
async def test_of_nobody_there_is_nothing_to_see(
    client: Any, bearer: Any, kind: str, id_: str
) -> None:
    path = f"/api/v1/admin/{kind}/{id_}/payment-details"
    assert await code_of(await client.get(path, headers=bearer("admin"))) == "profile.not_found"


@pytest.mark.parametrize("role", ["customer", "influencer", "wholesaler"])
async def test_only_admins_see_those_of_others(client: Any, bearer: Any, role: Any) -> None:
    path = f"/api/v1/admin/wholesalers/{UNKNOWN}/payment-details"
    assert await code_of(await client.get(path, headers=bearer(role))) == "auth.forbidden"


async def test_the_change_is_in_the_audit_log_under_who_made_it(
    patch: Any, world: Any, wholesaler: UUID
) -> None:
    await patch(pan_number=PAN)
    logged = "from audit_log where table_name = 'wholesalers'"
    assert await world.ask(f"select actor_user_id {logged}") == wholesaler
    assert await world.ask(f"select after ->> 'pan_number' {logged}") == "sealed"


async def test_nothing_in_clear_is_anywhere(
    client: Any,
    bearer: Any,
    world: Any,
    patch: Any,
    get: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logged:
        answers = [
            await (await patch(**GIVEN)).text(),
            await (await patch(bank_account_number="123", ifsc_code=IFSC + "9")).text(),
            await (await patch(pan_number="AAPFU0939G")).text(),
            await (await get()).text(),
        ]
        wholesaler_id = await world.ask("select id from wholesalers")
        path = f"/api/v1/admin/wholesalers/{wholesaler_id}/payment-details"
        answers.append(await (await client.get(path, headers=bearer("admin"))).text())
    stored = [
        await world.ask(f"select coalesce(string_agg(t::text, ' '), '') from {table} t")
        for table in ("wholesalers", "audit_log", "public_profiles", "private.outbox")
    ]
    everything = " ".join([*map(str, answers), *map(str, stored), str(logged), caplog.text])
    assert "payment_details.changed" in everything
    assert "sealed:v1:" in everything
    for clear in (GSTIN, PAN, ACCOUNT, IFSC, "AAPFU0939", "5010023456"):
        assert clear not in everything


async def test_a_value_that_cannot_be_opened_stays_until_it_is_given_again(
    patch: Any, get: Any, world: Any
) -> None:
    await patch(**GIVEN)
    await world.ask("update wholesalers set bank_account_number = $1", LOST)
    unreadable = {"bank_account_number": "••••••", "unreadable": ["bank_account_number"]}
    assert await details_of(await get()) == MASKED | unreadable
    answer = await details_of(await patch(bank_name="Canara Bank"))
    assert answer == MASKED | unreadable | {"bank_name": "Canara Bank"}
    assert await world.ask("select bank_account_number from wholesalers") == LOST
    answer = await details_of(await patch(bank_account_number=ACCOUNT))
    assert answer == MASKED | {"bank_name": "Canara Bank"}


async def test_a_value_that_cannot_be_opened_can_be_taken_away(patch: Any, world: Any) -> None:
    await world.ask("update wholesalers set ifsc_code = $1", LOST)
    assert await details_of(await patch(ifsc_code=None)) == NOTHING
    assert await world.ask("select ifsc_code from wholesalers") is None


async def test_a_copied_value_does_not_open_in_the_copy(
    client: Any, bearer: Any, patch: Any, world: Any
) -> None:
    await patch(**GIVEN)
    other = await world.user("wholesaler", "Potters")
    await world.ask(
        "update wholesalers set bank_account_number = "
        "(select max(bank_account_number) from wholesalers) where user_id = $1",
        other,
    )
    answer = await details_of(await client.get(PATH, headers=bearer("wholesaler", other)))
    assert answer == NOTHING | {
        "bank_account_number": "••••••",
        "unreadable": ["bank_account_number"],
    }


async def test_a_new_key_seals_what_is_given_next_without_a_restart(
    patch: Any, get: Any, world: Any, sealing: SealingKeys
) -> None:
    await patch(**GIVEN)
    old = sealing.keyring().active
    new = sealing.add_active(instead_of=old)
    await patch(ifsc_code="SBIN0001234")
    assert key_id_of(await world.ask("select ifsc_code from wholesalers")) == new
    assert key_id_of(await world.ask("select pan_number from wholesalers")) == old
    assert (await details_of(await get()))["ifsc_code"] == "SBIN••••••"


async def test_without_usable_keys_the_details_are_not_available(
    patch: Any, get: Any, world: Any, sealing: SealingKeys
) -> None:
    sealing.path.chmod(0o644)
    assert await code_of(await get()) == "service.unavailable"
    assert await code_of(await patch(**GIVEN)) == "service.unavailable"
    assert await world.ask("select pan_number from wholesalers") is None


def test_every_route_answers_in_the_masked_shape() -> None:
    assert {route.answer.__name__ for route in ROUTES} == {"PaymentDetailsOk"}

"""The jobs by the clock."""

from pydantic import Field

from livecommerce.settings.values import Section


class Maintenance(Section):
    """What the jobs of maintenance take for old, and for how long things are kept."""

    archive_orders_after_days: int = Field(
        180,
        ge=1,
        le=3650,
        description="Days without a change after which a finished order leaves the everyday lists. "
        "Returns and refunds are over by then; it stays readable.",
    )
    archive_sessions_after_days: int = Field(
        180,
        ge=1,
        le=3650,
        description="Days after its end when a live session does the same.",
    )
    abandoned_cart_after_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="Days after which an untouched cart line is cleared: its price is "
        "long another.",
    )
    idempotency_ttl_s: int = Field(
        86_400,
        ge=3600,
        le=30 * 86_400,
        description="Seconds that the answer to an order is kept to be given again. A day: a phone "
        "that was off may send its order once more when it is back.",
    )
    outbox_ttl_s: int = Field(
        86_400,
        ge=3600,
        le=30 * 86_400,
        description="Seconds that a sent outbox row is kept, for whoever looks into what happened.",
    )
    payment_event_days: int = Field(
        90,
        ge=7,
        le=3650,
        description="Days that what a payment provider said is kept once it is dealt with; "
        "providers repeat themselves for some days.",
    )
    chat_record_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="Days after a live session that it is known who voted for what, who wanted to "
        "know a question, and what waited for review. What was said, and results, stay.",
    )
    moderation_act_days: int = Field(
        365,
        ge=30,
        le=3650,
        description="Days that acts of moderators are kept: long enough for whoever complains.",
    )
    metric_batch_ttl_s: int = Field(
        7 * 86_400,
        ge=86_400,
        le=90 * 86_400,
        description="Seconds that a counted batch is remembered: longer than Redis, away and back, "
        "could still hold it.",
    )
    partition_months: int = Field(
        13,
        ge=1,
        le=120,
        description="Full months that visits and chat are kept: a year to compare with, and the "
        "month before.",
    )
    report_final_after_months: int = Field(
        6,
        ge=1,
        le=120,
        description="Months after which a report stays as it is. Refunds come weeks after the "
        "sale, not half a year.",
    )
    schedule_ahead_days: int = Field(
        14,
        ge=1,
        le=90,
        description="Days ahead that live sessions are made of a plan: enough to announce them, "
        "few enough to change the plan.",
    )
    job_history_days: int = Field(
        7, ge=1, le=365, description="Days that ended jobs can be looked up in the schema `jobs`."
    )
    statement_timeout_ms: int = Field(
        300_000,
        ge=1000,
        le=3_600_000,
        description="Milliseconds after which Postgres ends a statement of maintenance, of a "
        "report or of `check`: these look at much, and nobody waits for them.",
    )

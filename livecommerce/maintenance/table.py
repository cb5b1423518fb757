"""Every job: its name, what it is for, when it runs, its steps.

The times of day are India's small hours, apart from each other, so that no two of the heavy ones
run at once.
"""

from __future__ import annotations

from typing import Final

from db import Query
from livecommerce.maintenance.job import Batch, Job, Step, Words
from livecommerce.maintenance.schedule import Daily, Every, Hourly

JOBS: Final = (
    Job(
        "partitions",
        "make the partitions of the next months, drop those past their time",
        Daily(1, 50),
        (
            Step(
                Query("maintenance.make_partitions", Batch),
                Words("make", "made", "partition", "partitions"),
            ),
            Step(
                Query("maintenance.drop_partitions", Batch),
                Words("drop", "dropped", "partition", "partitions"),
                lambda limits: (limits.partition_months,),
                knows_dry_run=True,
            ),
        ),
    ),
    Job(
        "customer-tiers",
        "bring orders, spending and tier of customers in line with their orders",
        Daily(2, 10),
        (
            Step(
                Query("maintenance.refresh_customers", Batch),
                Words("correct", "corrected", "customer", "customers"),
            ),
        ),
    ),
    Job(
        "archive",
        "take finished orders and live sessions out of the everyday lists; they stay readable",
        Daily(2, 30),
        (
            Step(
                Query("maintenance.archive_orders", Batch),
                Words("archive", "archived", "order", "orders"),
                lambda limits: (limits.archive_orders_after_days,),
            ),
            Step(
                Query("maintenance.archive_live_sessions", Batch),
                Words("archive", "archived", "live session", "live sessions"),
                lambda limits: (limits.archive_sessions_after_days,),
            ),
        ),
    ),
    Job(
        "abandoned-carts",
        "clear cart lines that nobody touched for long, and count them",
        Daily(2, 50),
        (
            Step(
                Query("maintenance.clear_abandoned_carts", Batch),
                Words("clear", "cleared", "abandoned cart line", "abandoned cart lines"),
                lambda limits: (limits.abandoned_cart_after_days,),
            ),
        ),
    ),
    Job(
        "low-stock",
        "tell wholesalers which products fell below their least stock, once each",
        Every(15),
        (
            Step(
                Query("maintenance.withdraw_low_stock", Batch),
                Words("withdraw", "withdrew", "low-stock notice", "low-stock notices"),
            ),
            Step(
                Query("maintenance.tell_low_stock", Batch),
                Words("give", "gave", "low-stock notice", "low-stock notices"),
            ),
        ),
    ),
    Job(
        "reports",
        "sales, wholesalers, influencers, live sessions and support, as tables",
        Daily(3, 10),
        (
            Step(
                Query("maintenance.report_sales", Batch),
                Words("write", "wrote", "day of sales", "days of sales"),
                lambda limits: (limits.report_final_after_months,),
            ),
            Step(
                Query("maintenance.report_wholesalers", Batch),
                Words("write", "wrote", "wholesaler's month", "wholesalers' months"),
                lambda limits: (limits.report_final_after_months,),
            ),
            Step(
                Query("maintenance.report_influencers", Batch),
                Words("write", "wrote", "influencer's month", "influencers' months"),
                lambda limits: (limits.report_final_after_months,),
            ),
            Step(
                Query("maintenance.report_live_sessions", Batch),
                Words("write", "wrote", "live session", "live sessions"),
            ),
            Step(
                Query("maintenance.report_support", Batch),
                Words("write", "wrote", "month of support", "months of support"),
                lambda limits: (limits.report_final_after_months,),
            ),
        ),
    ),
    Job(
        "expire",
        "delete holds, idempotency keys, tokens, log-in links and sent rows past their time",
        Hourly(7),
        (
            Step(
                Query("maintenance.expire_holds", Batch),
                Words("delete", "deleted", "hold", "holds"),
            ),
            Step(
                Query("maintenance.expire_idempotency", Batch),
                Words("delete", "deleted", "idempotency key", "idempotency keys"),
                lambda limits: (limits.idempotency_ttl_s,),
            ),
            Step(
                Query("maintenance.expire_outbox", Batch),
                Words("delete", "deleted", "outbox row", "outbox rows"),
                lambda limits: (limits.outbox_ttl_s,),
            ),
            Step(
                Query("maintenance.expire_payment_events", Batch),
                Words("delete", "deleted", "payment event", "payment events"),
                lambda limits: (limits.payment_event_days,),
            ),
            Step(
                Query("maintenance.give_up_payment_events", Batch),
                Words("give up on", "gave up on", "payment event", "payment events"),
                lambda limits: (limits.payment_watch_days,),
            ),
            Step(
                Query("maintenance.expire_metric_batches", Batch),
                Words("delete", "deleted", "metric batch", "metric batches"),
                lambda limits: (limits.metric_batch_ttl_s,),
            ),
            # Spent tokens stay until they expire: their coming back is how a theft is noticed.
            Step(
                Query("maintenance.expire_refresh_tokens", Batch),
                Words("delete", "deleted", "refresh token", "refresh tokens"),
            ),
            Step(
                Query("maintenance.expire_ended_logins", Batch),
                Words("delete", "deleted", "ended log-in", "ended log-ins"),
            ),
            Step(
                Query("maintenance.expire_login_links", Batch),
                Words("delete", "deleted", "log-in link", "log-in links"),
            ),
        ),
    ),
    Job(
        "chat-records",
        "delete what chats and polls leave behind and acts of moderators, past their time",
        Daily(4, 30),
        (
            Step(
                Query("maintenance.expire_held_messages", Batch),
                Words("delete", "deleted", "held message", "held messages"),
                lambda limits: (limits.chat_record_days,),
            ),
            Step(
                Query("maintenance.expire_chat_tombstones", Batch),
                Words("delete", "deleted", "tombstone", "tombstones"),
                lambda limits: (limits.chat_record_days,),
            ),
            Step(
                Query("maintenance.expire_question_upvotes", Batch),
                Words("delete", "deleted", "upvote", "upvotes"),
                lambda limits: (limits.chat_record_days,),
            ),
            Step(
                Query("maintenance.expire_poll_votes", Batch),
                Words("delete", "deleted", "vote", "votes"),
                lambda limits: (limits.chat_record_days,),
            ),
            Step(
                Query("maintenance.expire_moderation_acts", Batch),
                Words("delete", "deleted", "act of a moderator", "acts of moderators"),
                lambda limits: (limits.moderation_act_days,),
            ),
        ),
    ),
    Job(
        "waitlists",
        "write down what became of turns on the waitlist; end the waits of a month ago",
        Hourly(25),
        (
            Step(
                Query("holds.settle_waitlist", Batch),
                Words("settle", "settled", "place on a waitlist", "places on a waitlist"),
            ),
        ),
    ),
    Job(
        "goals-and-achievements",
        "progress of influencers towards their goals and badges, from the facts",
        Hourly(20),
        (
            Step(
                Query("maintenance.advance_goals", Batch),
                Words("advance", "advanced", "goal", "goals"),
            ),
            Step(
                Query("maintenance.advance_achievements", Batch),
                Words("advance", "advanced", "achievement", "achievements"),
            ),
        ),
    ),
    Job(
        "schedules",
        "make live sessions of the plans of influencers, some days ahead",
        Hourly(35),
        (
            Step(
                Query("maintenance.make_planned_sessions", Batch),
                Words("plan", "planned", "live session", "live sessions"),
                lambda limits: (limits.schedule_ahead_days,),
            ),
        ),
    ),
    Job(
        "live-session-totals",
        "orders and sales of live sessions on air, ended lately, or with an order cancelled",
        Every(5),
        (
            Step(
                Query("maintenance.refresh_recent_sessions", Batch),
                Words("correct", "corrected", "live session", "live sessions"),
            ),
            Step(
                Query("maintenance.refresh_changed_sessions", Batch),
                Words("correct", "corrected", "earlier live session", "earlier live sessions"),
            ),
        ),
    ),
    Job(
        "influencer-analytics",
        "figures of influencers by day, week and month",
        Hourly(50),
        (
            Step(
                Query("maintenance.analyse_influencers", Batch),
                Words("write", "wrote", "period", "periods"),
            ),
        ),
    ),
    Job(
        "support-escalation",
        "escalate queries that wait and have to be redressed within a week",
        Hourly(5),
        (
            Step(
                Query("support.escalate_near", Batch),
                Words("escalate", "escalated", "query", "queries"),
            ),
        ),
    ),
    Job(
        "payouts",
        "free what was earned when its hold is over, and pay it out in batches",
        Hourly(35),
        (
            Step(
                Query("payouts.release_matured", Batch),
                Words("free", "freed", "item", "items"),
                lambda limits: (limits.payouts.hold_days,),
            ),
            Step(
                Query("payouts.make_payouts", Batch),
                Words("make", "made", "payout", "payouts"),
                lambda limits: (limits.payouts.minimum_minor, limits.payouts.interval_days),
            ),
        ),
    ),
)

ALL: Final = "all"


def job_named(name: str) -> Job:
    """Raises KeyError."""
    return {job.name: job for job in JOBS}[name]

-- What readiness asks.

-- name: write_probe
-- A write that changes no table: a transactional message in the write-ahead log, flushed at commit,
-- which readers of logical decoding skip by its prefix. A replica and a full disk refuse it; the
-- delete of nothing is there because a read-only server lets the message pass. Its place in the log.
with writable as (delete from private.login_links where false)
select pg_logical_emit_message(true, 'livecommerce.ready', '')::text;

-- name: applied_migrations
-- The history of the schema; no row before the first migration.
select version, sha256 from private.schema_migrations;

-- name: server
-- The version as a number (180006 is 18.6) and the server's wall time; always one row.
select
  current_setting('server_version_num')::int as version_num,
  extract(epoch from clock_timestamp())::float8 as epoch_s;

-- name: is_migrated
-- Whether any migration has ever run here; always one row.
select to_regclass('private.schema_migrations') is not null;

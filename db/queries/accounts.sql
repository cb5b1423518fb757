-- Accounts, refresh tokens and log-in links. Every query runs as the service: these tables are
-- closed to everybody else. `now` comes from the caller, so one request has one time.

-- name: credentials_by_email
-- The stored password of an account, by its address in the one spelling that is stored (lower case,
-- as GoTrue does too, so the unique index finds it); no row when there is none.
-- Accounts that log in by links only have a null password.
select id as user_id, encrypted_password::text as encrypted_password
from auth.users
where email = $1::text and deleted_at is null;

-- name: person_by_id
-- Who an account is, for a token. is_open is false when it is banned, deleted or switched off.
-- An account made elsewhere without a role is a customer.
select u.id as user_id,
       coalesce(u.email, '')::text as email,
       coalesce(u.raw_app_meta_data ->> 'role', 'customer') as role,
       coalesce(nullif(i.display_name, ''), nullif(w.business_name, ''),
                nullif(u.raw_user_meta_data ->> 'display_name', ''),
                nullif(concat_ws(' ', c.first_name, c.last_name), ''), 'Member')::text as display_name,
       (u.deleted_at is null
        and (u.banned_until is null or u.banned_until <= $2::timestamptz)
        and coalesce(i.is_active, true) and coalesce(w.is_active, true)
        and coalesce(c.is_active, true)) as is_open
from auth.users u
left join public.influencers i on i.user_id = u.id
left join public.wholesalers w on w.user_id = u.id
left join public.customers c on c.user_id = u.id
where u.id = $1::uuid;

-- name: lock_email
-- Makes two sign-ups with the same address wait for each other until the transaction ends.
-- The unique index on the address is partial on Supabase, so ON CONFLICT cannot do it.
select pg_advisory_xact_lock(hashtextextended('accounts.email:' || $1::text, 0));

-- name: add_user
-- A new account, whose profile a trigger makes; no row when the address has an account already. Call
-- lock_email before.
insert into auth.users (id, aud, role, email, encrypted_password, raw_app_meta_data,
                        raw_user_meta_data, created_at, updated_at)
select $1::uuid, 'authenticated', 'authenticated', $2::text, $3::text,
       jsonb_build_object('role', $4::text, 'provider', 'email'),
       jsonb_build_object('display_name', $5::text), $6::timestamptz, $6::timestamptz
where not exists (select from auth.users where email = $2::text)
returning id;

-- name: note_log_in
-- Remembers when the account was last logged in.
update auth.users set last_sign_in_at = $2::timestamptz where id = $1::uuid;

-- name: refresh_family
-- The family of a refresh token by its hash; no row when it is unknown.
select family from private.refresh_tokens where token_hash = $1::bytea;

-- name: lock_refresh_family
-- Makes everything that concerns one family of refresh tokens happen one after the other.
select pg_advisory_xact_lock(hashtextextended('accounts.family:' || $1::uuid::text, 0));

-- name: refresh_token
-- A refresh token at rest by its hash; no row when it is unknown.
select id, family, user_id, expires_at, used_at, revoked_at
from private.refresh_tokens
where token_hash = $1::bytea;

-- name: spend_refresh_token
-- Notes the first use of a refresh token; a repeated use keeps the time of the first.
update private.refresh_tokens set used_at = coalesce(used_at, $2::timestamptz) where id = $1::uuid;

-- name: add_refresh_token
insert into private.refresh_tokens (id, family, user_id, token_hash, issued_at, expires_at)
values ($1::uuid, $2::uuid, $3::uuid, $4::bytea, $5::timestamptz, $6::timestamptz);

-- name: revoke_refresh_family
-- Ends a log-in: none of its refresh tokens can be used again, nor its access tokens.
with ended as (
  update private.refresh_tokens set revoked_at = $2::timestamptz
  where family = $1::uuid and revoked_at is null
  returning user_id)
insert into private.ended_logins (user_id, login_id) select distinct user_id, $1::uuid from ended;

-- name: ended_logins
-- Log-ins that were ended since then, the latest first; login_id is null for all of the person's
-- that began by then.
select user_id, login_id, extract(epoch from ended_at)::double precision as ended_at_s
from private.ended_logins where ended_at > $1::timestamptz
order by ended_at desc limit $2::integer;

-- name: add_login_link
insert into private.login_links (token_hash, user_id, expires_at)
values ($1::bytea, $2::uuid, $3::timestamptz);

-- name: spend_login_link
-- The account of a link that is good, which is then no longer; no row otherwise.
update private.login_links set used_at = $2::timestamptz
where token_hash = $1::bytea and used_at is null and expires_at > $2::timestamptz
returning user_id;

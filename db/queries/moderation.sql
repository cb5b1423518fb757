-- What the influencer and moderators of a live session do. Each answers one row, {outcome, ...}: the
-- rights are judged where the act is done.

-- name: decide_about_member
-- Mutes, bans or hides a person, or takes it back (see private.decide_about_member_v1).
select private.decide_about_member_v1(
  $1::uuid, $2::uuid, $3::uuid, $4::text, $5::boolean, $6::timestamptz, $7::text) as answer;

-- name: appoint
-- Gives a person rights; 0 takes them back (see private.appoint_moderator_v1).
select private.appoint_moderator_v1($1::uuid, $2::uuid, $3::uuid, $4::integer, $5::boolean) as answer;

-- name: configure
-- Changes the rules of a chat (see private.configure_chat_v1).
select private.configure_chat_v1($1::uuid, $2::uuid, $3::jsonb) as answer;

-- name: change_terms
-- Adds and removes words that are not wanted (see private.change_chat_terms_v1).
select private.change_chat_terms_v1($1::uuid, $2::uuid, $3::text[], $4::text[]) as answer;

-- name: delete_message
-- Takes one message away (see private.delete_chat_message_v1).
select private.delete_chat_message_v1($1::uuid, $2::uuid, $3::uuid) as answer;

-- name: clear
-- Takes all messages away (see private.clear_chat_v1).
select private.clear_chat_v1($1::uuid, $2::uuid) as answer;

-- name: pin
-- Keeps a message on top; null for none (see private.pin_chat_message_v1).
select private.pin_chat_message_v1($1::uuid, $2::uuid, $3::jsonb) as answer;

-- name: announce
-- Says something that stands out (see private.announce_in_chat_v1).
select private.announce_in_chat_v1($1::uuid, $2::uuid, $3::jsonb, $4::jsonb, $5::boolean) as answer;

-- name: review
-- Posts a message that was held, or never shows it (see private.review_chat_message_v1).
select private.review_chat_message_v1($1::uuid, $2::uuid, $3::uuid, $4::boolean) as answer;

-- name: rights
-- What somebody may do in a live session, as bits; no row when there is no such live session.
select private.chat_rights_v1(l.influencer_id, l.id, $2::uuid) as rights
from public.live_sessions l where l.id = $1::uuid;

-- name: acts
-- What was done in a live session, newest first, before an act ($2, null for the newest).
select a.id, a.act, a.by_user_id, coalesce(private.person_name_v1(a.by_user_id), '') as by_name,
       a.about_user_id, coalesce(private.person_name_v1(a.about_user_id), '') as about_name,
       a.message_id, a.detail, a.acted_at
from private.moderation_acts a
where a.live_session_id = $1::uuid and ($2::bigint is null or a.id < $2::bigint)
order by a.id desc
limit $3::integer;

-- Questions, polls and giveaways; see db/migrations/20261126000200_questions.sql and its neighbours.

-- name: of_live_session
-- What a room begins with; always one row.
select private.engagement_v1($1::uuid) as engagement;

-- name: of_person
-- A person's own part in what the room of a live session shows; always one row.
select private.my_engagement_v1($1::uuid, $2::uuid) as mine;

-- name: ask
-- Puts a question into the queue; always one row, {outcome, ...} (see private.ask_question_v1).
select private.ask_question_v1($1::uuid, $2::uuid, $3::uuid, $4::text, $5::text, $6::text) as answer;

-- name: move
-- Moves a question on; always one row, {outcome, ...} (see private.move_question_v1).
select private.move_question_v1($1::uuid, $2::uuid, $3::uuid, $4::text) as answer;

-- name: upvote
-- Upvotes of many people; an answer for each, in their order (see private.upvote_questions_v1).
select private.upvote_questions_v1($1::jsonb) as answers;

-- name: open_poll
-- Opens a poll; always one row, {outcome, ...} (see private.open_poll_v1).
select private.open_poll_v1($1::uuid, $2::uuid, $3::uuid, $4::text, $5::text[], $6::integer) as answer;

-- name: close_poll
-- Closes a poll; always one row, {outcome, ...} (see private.close_poll_v1).
select private.close_poll_v1($1::uuid, $2::uuid) as answer;

-- name: vote
-- Votes of many people; an answer for each, in their order (see private.cast_votes_v1).
select private.cast_votes_v1($1::jsonb) as answers;

-- name: open_giveaway
-- Opens a giveaway; always one row, {outcome, ...} (see private.open_giveaway_v1).
select private.open_giveaway_v1(
  $1::uuid, $2::uuid, $3::uuid, $4::text, $5::integer, $6::text, $7::integer, $8::text) as answer;

-- name: enter
-- Entries of many customers; an answer for each, in their order (see private.enter_giveaways_v1).
select private.enter_giveaways_v1($1::jsonb) as answers;

-- name: own_live_session
-- {outcome: yours | session_not_found | not_yours}; locks the live session when it is theirs.
select private.lock_own_session_v1($1::uuid, $2::uuid) as answer;

-- name: lock_giveaway
-- What a draw is made of; nobody enters until the transaction ends. Null without such a giveaway.
select private.lock_giveaway_v1($1::uuid) as giveaway;

-- name: keep_draw
-- Keeps and tells a draw.
select private.keep_draw_v1($1::uuid, $2::uuid, $3::text, $4::uuid[]);

-- name: giveaway
-- A giveaway as everybody sees it; null without such a giveaway.
select private.giveaway_json_v1($1::uuid) as giveaway;

-- name: due_giveaways
-- Those that are to be drawn now, at most $1.
select private.due_giveaways_v1($1::integer) as id;

-- name: tell
-- Tells what was counted since, at most $1 of each kind; how much that was.
select private.tell_engagement_v1($1::integer) as done;

-- name: tick
-- Closes polls whose time is over and tells what nobody has told, at most $1; how much that was.
select private.tick_engagement_v1($1::integer) as done;

-- name: replay
-- What the replay of a live session shows beside the chat, from a place on (see
-- private.engagement_replay_v2), at most $4.
select kind, id, offset_ms, body
from private.engagement_replay_v2($1::uuid, $2::bigint, $3::uuid, $4::integer);

-- name: giveaway_record
-- A draw with all that it takes to check it; null without such a giveaway.
select private.giveaway_record_v1($1::uuid) as record;

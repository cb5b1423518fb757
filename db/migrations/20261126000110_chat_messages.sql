-- What was said in a live session, kept for the replay; what was taken away from it; what waits until a
-- moderator has looked at it.
--
-- Messages come here by way of Redis, some seconds after they were said and in no particular order. So
-- what is taken away leaves a mark (private.chat_tombstones) that those find which come later; writing
-- messages and leaving marks exclude each other by a lock of the live session.

create table private.chat_tombstones (
  id bigint generated always as identity primary key,
  live_session_id uuid not null,
  -- One message; or what one person said, or (both NULL) all that was said, until buried_at.
  message_id uuid,
  user_id uuid,
  buried_by uuid,
  buried_at timestamptz not null default now(),
  check (message_id is null or user_id is null)
);
create index chat_tombstones_live_session_id on private.chat_tombstones (live_session_id, message_id);
comment on table private.chat_tombstones is 'what was taken away from a chat, for messages that come in later';

create table private.held_messages (
  live_session_id uuid not null references public.live_sessions on delete cascade,
  id uuid not null,
  user_id uuid not null,
  -- As the wire has it.
  message jsonb not null,
  held_for text not null check (held_for in ('words')),
  matched text not null default '',
  held_at timestamptz not null default now(),
  decided_at timestamptz,
  decided_by uuid,
  is_approved boolean,
  primary key (live_session_id, id),
  check ((decided_at is null) = (is_approved is null))
);
create index held_messages_waiting on private.held_messages (live_session_id, held_at) where decided_at is null;
comment on table private.held_messages is
  'messages that wait until a moderator has looked at them, and what was decided';

-- Writers of history share it; whoever takes something away holds it alone.
create function private.lock_chat_history_v1(p_live_session_id uuid, p_is_alone boolean) returns void
language plpgsql volatile set search_path = '' as $$
declare
  v_key bigint := hashtextextended('livecommerce.chat_history.' || p_live_session_id, 0);
begin
  if p_is_alone then
    perform pg_advisory_xact_lock(v_key);
  else
    perform pg_advisory_xact_lock_shared(v_key);
  end if;
end $$;

-- Keeps messages for the replay, an array of {id, user_id, username, message, is_influencer, sent_at,
-- is_moderator, message_type, parent_message_id, is_hidden}. One that was sent again after its answer
-- was lost is one message. What was taken away meanwhile, and what banned people said on the way out, is
-- kept as deleted, as is what hidden people say.
create function private.keep_chat_v1(p_live_session_id uuid, p_messages jsonb) returns void
language plpgsql volatile set search_path = '' as $$
begin
  perform private.lock_chat_history_v1(p_live_session_id, false);
  insert into public.live_session_chat (
    id, live_session_id, user_id, username, message, message_type, is_influencer, is_moderator,
    parent_message_id, sent_at, is_deleted, deleted_at, deleted_by, deletion_reason)
  select c.id, p_live_session_id, c.user_id, c.username, c.message, coalesce(c.message_type, 'chat'),
         coalesce(c.is_influencer, false), coalesce(c.is_moderator, false), c.parent_message_id, c.sent_at,
         g.reason is not null, case when g.reason is not null then coalesce(g.buried_at, now()) end,
         g.buried_by, g.reason
  from jsonb_to_recordset(p_messages) c (
    id uuid, user_id uuid, username text, message text, is_influencer boolean, is_moderator boolean,
    message_type text, parent_message_id uuid, is_hidden boolean, sent_at timestamptz)
  left join lateral (
    (select t.buried_at, t.buried_by, 'taken away' as reason from private.chat_tombstones t
     where t.live_session_id = p_live_session_id
       and (t.message_id = c.id
            or (t.message_id is null and (t.user_id is null or t.user_id = c.user_id)
                and c.sent_at <= t.buried_at))
     order by t.id limit 1)
    union all
    (select null, null, 'banned' from private.chat_members m
     join public.live_sessions l on l.id = p_live_session_id and l.influencer_id = m.influencer_id
     where m.user_id = c.user_id and m.is_banned
       and (m.live_session_id is null or m.live_session_id = p_live_session_id)
     limit 1)
    union all
    (select null, null, 'hidden' where c.is_hidden)
    limit 1) g on true
  where not exists (
    select from public.live_session_chat h
    where h.id = c.id and h.live_session_id = p_live_session_id)
  -- An id of another live session, which nobody makes by chance, must hold up nothing.
  on conflict do nothing;
end $$;

-- Takes one message away, also before it is kept here.
-- {outcome: ok | forbidden | no_session}
create function private.delete_chat_message_v1(p_live_session_id uuid, p_by uuid, p_message_id uuid)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_influencer_id uuid := private.begin_act_v1(p_live_session_id);
  v_user_id uuid;
begin
  if v_influencer_id is null then
    return jsonb_build_object('outcome', 'no_session');
  elsif private.chat_rights_v1(v_influencer_id, p_live_session_id, p_by) & 1 = 0 then
    return jsonb_build_object('outcome', 'forbidden');
  end if;
  perform private.lock_chat_history_v1(p_live_session_id, true);
  update public.live_session_chat h
  set is_deleted = true, deleted_by = p_by, deleted_at = now(), deletion_reason = 'taken away'
  where h.id = p_message_id and h.live_session_id = p_live_session_id and not h.is_deleted
  returning h.user_id into v_user_id;
  if not found and not exists (
    select from private.chat_tombstones t
    where t.live_session_id = p_live_session_id and t.message_id = p_message_id) then
    insert into private.chat_tombstones (live_session_id, message_id, buried_by)
    values (p_live_session_id, p_message_id, p_by);
  end if;
  update private.live_chats c set pinned = null, updated_at = now()
  where c.live_session_id = p_live_session_id and c.pinned ->> 'id' = p_message_id::text;
  perform private.note_act_v1(v_influencer_id, p_live_session_id, 'delete', p_by, v_user_id, p_message_id, '');
  insert into private.outbox (topic, live_session_id, payload)
  values ('chat.deleted', p_live_session_id, jsonb_build_object('message_id', p_message_id));
  return jsonb_build_object('outcome', 'ok');
end $$;

-- Takes away what one person said in a live session until now, and what of it waits for review. Part of
-- an act.
create function private.purge_chat_v1(p_live_session_id uuid, p_user_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
begin
  perform private.lock_chat_history_v1(p_live_session_id, true);
  update public.live_session_chat h
  set is_deleted = true, deleted_at = now(), deletion_reason = 'banned'
  where h.live_session_id = p_live_session_id and h.user_id = p_user_id and not h.is_deleted;
  insert into private.chat_tombstones (live_session_id, user_id) values (p_live_session_id, p_user_id);
  update private.held_messages m set decided_at = now(), is_approved = false
  where m.live_session_id = p_live_session_id and m.user_id = p_user_id and m.decided_at is null;
  update private.live_chats c set pinned = null, updated_at = now()
  where c.live_session_id = p_live_session_id and c.pinned ->> 'author_id' = p_user_id::text;
  insert into private.outbox (topic, live_session_id, payload)
  values ('chat.purged', p_live_session_id, jsonb_build_object('user_id', p_user_id));
end $$;

-- Takes everything away that was said until now. {outcome: ok | forbidden | no_session}
create function private.clear_chat_v1(p_live_session_id uuid, p_by uuid) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_influencer_id uuid := private.begin_act_v1(p_live_session_id);
begin
  if v_influencer_id is null then
    return jsonb_build_object('outcome', 'no_session');
  elsif private.chat_rights_v1(v_influencer_id, p_live_session_id, p_by) & 1 = 0 then
    return jsonb_build_object('outcome', 'forbidden');
  end if;
  perform private.lock_chat_history_v1(p_live_session_id, true);
  update public.live_session_chat h
  set is_deleted = true, deleted_by = p_by, deleted_at = now(), deletion_reason = 'cleared'
  where h.live_session_id = p_live_session_id and h.sent_at <= now() and not h.is_deleted;
  delete from private.chat_tombstones t
  where t.live_session_id = p_live_session_id and t.message_id is null and t.user_id is null;
  insert into private.chat_tombstones (live_session_id, buried_by) values (p_live_session_id, p_by);
  update private.live_chats c set pinned = null, updated_at = now()
  where c.live_session_id = p_live_session_id and c.pinned is not null;
  perform private.note_act_v1(v_influencer_id, p_live_session_id, 'clear', p_by, null, null, '');
  insert into private.outbox (topic, live_session_id, payload)
  values ('chat.cleared', p_live_session_id, '{}');
  return jsonb_build_object('outcome', 'ok');
end $$;

-- Keeps a message on top of the chat; NULL for none.
-- {outcome: ok | forbidden | no_session | not_found}
create function private.pin_chat_message_v1(p_live_session_id uuid, p_by uuid, p_message jsonb)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_influencer_id uuid := private.begin_act_v1(p_live_session_id);
  v_pinned jsonb;
begin
  if v_influencer_id is null then
    return jsonb_build_object('outcome', 'no_session');
  elsif private.chat_rights_v1(v_influencer_id, p_live_session_id, p_by) & 1 = 0 then
    return jsonb_build_object('outcome', 'forbidden');
  elsif exists (
    select from private.chat_tombstones t
    where t.live_session_id = p_live_session_id and p_message is not null
      and (t.message_id = (p_message ->> 'id')::uuid
           or (t.message_id is null and t.user_id = (p_message ->> 'author_id')::uuid))) then
    -- Taken away meanwhile.
    return jsonb_build_object('outcome', 'not_found');
  end if;
  select c.pinned into v_pinned from private.live_chats c where c.live_session_id = p_live_session_id;
  if v_pinned is not distinct from p_message then
    return jsonb_build_object('outcome', 'ok');
  end if;
  perform private.set_pinned_message_v1(p_live_session_id, p_message);
  perform private.note_act_v1(
    v_influencer_id, p_live_session_id, case when p_message is null then 'unpin' else 'pin' end, p_by,
    (coalesce(p_message, v_pinned) ->> 'author_id')::uuid,
    (coalesce(p_message, v_pinned) ->> 'id')::uuid, '');
  return jsonb_build_object('outcome', 'ok');
end $$;

create function private.set_pinned_message_v1(p_live_session_id uuid, p_message jsonb) returns void
language plpgsql volatile set search_path = '' as $$
begin
  -- The other rules as they are in force: a row says them all.
  insert into private.live_chats as c (live_session_id, slow_mode_s, audience, links, word_filter, pinned)
  select p_live_session_id, (s.rules ->> 'slow_mode_s')::smallint, s.rules ->> 'audience',
         s.rules ->> 'links', s.rules ->> 'filter', p_message
  from (select private.chat_settings_json_v1(p_live_session_id) as rules) s
  on conflict (live_session_id) do update set pinned = excluded.pinned, updated_at = now();
  insert into private.outbox (topic, live_session_id, payload) values (
    case when p_message is null then 'chat.unpinned' else 'chat.pinned' end, p_live_session_id,
    case when p_message is null then '{}'::jsonb else jsonb_build_object('message', p_message) end);
end $$;

-- Says something that stands out; the same message again says nothing. p_record: as keep_chat_v1 takes
-- it. {outcome: ok | forbidden | no_session}
create function private.announce_in_chat_v1(
  p_live_session_id uuid, p_by uuid, p_message jsonb, p_record jsonb, p_is_pinned boolean) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_influencer_id uuid := private.begin_act_v1(p_live_session_id);
  v_id uuid := (p_message ->> 'id')::uuid;
begin
  if v_influencer_id is null then
    return jsonb_build_object('outcome', 'no_session');
  elsif private.chat_rights_v1(v_influencer_id, p_live_session_id, p_by) & 1 = 0 then
    return jsonb_build_object('outcome', 'forbidden');
  elsif exists (select from private.chat_members m
                where m.influencer_id = v_influencer_id and m.user_id = p_by
                  and (m.live_session_id is null or m.live_session_id = p_live_session_id)
                  and m.muted_until > now()) then
    -- Who is muted is silent in every way.
    return jsonb_build_object('outcome', 'forbidden');
  elsif exists (select from private.moderation_acts a
                where a.live_session_id = p_live_session_id and a.act = 'announce' and a.message_id = v_id) then
    return jsonb_build_object('outcome', 'ok');
  end if;
  perform private.keep_chat_v1(p_live_session_id, jsonb_build_array(p_record));
  perform private.note_act_v1(v_influencer_id, p_live_session_id, 'announce', p_by, null, v_id,
                              p_message ->> 'text');
  insert into private.outbox (topic, live_session_id, payload)
  values ('chat.announced', p_live_session_id, jsonb_build_object('message', p_message));
  if p_is_pinned then
    perform private.set_pinned_message_v1(p_live_session_id, p_message);
  end if;
  return jsonb_build_object('outcome', 'ok');
end $$;

-- Has a message wait for review; the same again waits once. At most 200 of a live session and 3 of one
-- person wait. {outcome: ok | full}
create function private.hold_chat_message_v1(
  p_live_session_id uuid, p_message jsonb, p_held_for text, p_matched text) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_influencer_id uuid := private.begin_act_v1(p_live_session_id);
  v_id uuid := (p_message ->> 'id')::uuid;
  v_user_id uuid := (p_message ->> 'author_id')::uuid;
begin
  if exists (select from private.held_messages m
             where m.live_session_id = p_live_session_id and m.id = v_id) then
    return jsonb_build_object('outcome', 'ok');
  elsif v_influencer_id is null
     or (select count(*) >= 200 or count(*) filter (where m.user_id = v_user_id) >= 3
         from private.held_messages m
         where m.live_session_id = p_live_session_id and m.decided_at is null) then
    return jsonb_build_object('outcome', 'full');
  end if;
  insert into private.held_messages (live_session_id, id, user_id, message, held_for, matched)
  values (p_live_session_id, v_id, v_user_id, p_message, p_held_for, p_matched);
  insert into private.outbox (topic, live_session_id, payload)
  values ('chat.held', p_live_session_id, jsonb_build_object('held', jsonb_build_object(
    'message', p_message, 'held_for', p_held_for, 'matched', p_matched)));
  return jsonb_build_object('outcome', 'ok');
end $$;

-- Posts a message that was held, as said now, or never shows it.
-- {outcome: ok | forbidden | no_session | not_found | decided}
create function private.review_chat_message_v1(
  p_live_session_id uuid, p_by uuid, p_message_id uuid, p_is_approved boolean) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_influencer_id uuid := private.begin_act_v1(p_live_session_id);
  v_message jsonb;
  v_user_id uuid;
  v_decided_at timestamptz;
begin
  if v_influencer_id is null then
    return jsonb_build_object('outcome', 'no_session');
  elsif private.chat_rights_v1(v_influencer_id, p_live_session_id, p_by) & 1 = 0 then
    return jsonb_build_object('outcome', 'forbidden');
  end if;
  select m.message || jsonb_build_object('sent_at_ms', (extract(epoch from now()) * 1000)::bigint),
         m.user_id, m.decided_at
  into v_message, v_user_id, v_decided_at
  from private.held_messages m where m.live_session_id = p_live_session_id and m.id = p_message_id;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  elsif v_decided_at is not null then
    return jsonb_build_object('outcome', 'decided');
  end if;
  update private.held_messages m
  set decided_at = now(), decided_by = p_by, is_approved = p_is_approved
  where m.live_session_id = p_live_session_id and m.id = p_message_id;
  perform private.note_act_v1(
    v_influencer_id, p_live_session_id, case when p_is_approved then 'approve' else 'refuse' end, p_by,
    v_user_id, p_message_id, v_message ->> 'text');
  insert into private.outbox (topic, live_session_id, payload)
  values ('chat.reviewed', p_live_session_id, jsonb_build_object(
    'message_id', p_message_id, 'is_approved', p_is_approved));
  if p_is_approved then
    perform private.keep_chat_v1(p_live_session_id, jsonb_build_array(jsonb_build_object(
      'id', p_message_id, 'user_id', v_user_id, 'username', v_message ->> 'name',
      'message', v_message ->> 'text', 'parent_message_id', v_message #>> '{reply_to,message_id}',
      'is_hidden', v_message -> 'marks' ? 'hidden',
      'sent_at', date_trunc('milliseconds', now()))));
    insert into private.outbox (topic, live_session_id, payload)
    values ('chat.posted', p_live_session_id, v_message);
  end if;
  insert into private.outbox (topic, live_session_id, payload)
  values ('chat.decided', null, jsonb_build_object(
    'user_id', v_user_id, 'live_session_id', p_live_session_id, 'message_id', p_message_id,
    'is_approved', p_is_approved));
  return jsonb_build_object('outcome', 'ok');
end $$;

-- Everything that a process must know of a chat beside what is said: {settings, pinned, members,
-- moderators, held, terms}; NULL when there is no such live session.
create function private.chat_of_live_session_v1(p_live_session_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'settings', private.chat_settings_json_v1(l.id),
    'pinned', (select c.pinned from private.live_chats c where c.live_session_id = l.id),
    'members', coalesce((
      select jsonb_agg(private.chat_member_json_v1(l.influencer_id, l.id, m.user_id))
      from (select distinct d.user_id from private.chat_members d
            where d.influencer_id = l.influencer_id
              and (d.live_session_id is null or d.live_session_id = l.id)
              and (d.is_banned or d.is_hidden or d.muted_until > now())) m), '[]'),
    'moderators', coalesce((
      select jsonb_agg(private.moderator_json_v1(l.influencer_id, l.id, m.user_id))
      from (select distinct d.user_id from private.live_moderators d
            where d.influencer_id = l.influencer_id
              and (d.live_session_id is null or d.live_session_id = l.id)) m), '[]'),
    'held', coalesce((
      select jsonb_agg(jsonb_build_object(
               'message', h.message, 'held_for', h.held_for, 'matched', h.matched)
             order by h.held_at, h.id)
      from private.held_messages h where h.live_session_id = l.id and h.decided_at is null), '[]'),
    'terms', private.chat_terms_json_v1(l.influencer_id))
  from public.live_sessions l where l.id = p_live_session_id
$$;

do $$
declare
  t text;
begin
  foreach t in array array['chat_tombstones', 'held_messages'] loop
    execute format('alter table private.%I enable row level security', t);
    execute format('revoke all on private.%I from public, anon, authenticated, service_role', t);
    execute format('grant select, insert, update, delete on private.%I to service_role', t);
    execute format('create policy service on private.%I for all to service_role '
                   'using (true) with check (true)', t);
  end loop;
end $$;

revoke execute on function
  private.lock_chat_history_v1(uuid, boolean),
  private.keep_chat_v1(uuid, jsonb),
  private.delete_chat_message_v1(uuid, uuid, uuid),
  private.purge_chat_v1(uuid, uuid),
  private.clear_chat_v1(uuid, uuid),
  private.pin_chat_message_v1(uuid, uuid, jsonb),
  private.set_pinned_message_v1(uuid, jsonb),
  private.announce_in_chat_v1(uuid, uuid, jsonb, jsonb, boolean),
  private.hold_chat_message_v1(uuid, jsonb, text, text),
  private.review_chat_message_v1(uuid, uuid, uuid, boolean),
  private.chat_of_live_session_v1(uuid)
  from public, anon, authenticated;
grant execute on function
  private.lock_chat_history_v1(uuid, boolean),
  private.keep_chat_v1(uuid, jsonb),
  private.delete_chat_message_v1(uuid, uuid, uuid),
  private.purge_chat_v1(uuid, uuid),
  private.clear_chat_v1(uuid, uuid),
  private.pin_chat_message_v1(uuid, uuid, jsonb),
  private.set_pinned_message_v1(uuid, jsonb),
  private.announce_in_chat_v1(uuid, uuid, jsonb, jsonb, boolean),
  private.hold_chat_message_v1(uuid, jsonb, text, text),
  private.review_chat_message_v1(uuid, uuid, uuid, boolean),
  private.chat_of_live_session_v1(uuid)
  to service_role;

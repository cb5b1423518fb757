-- Who looks after the chat of a live session, what they have decided about people, the rules of the
-- chat and what is pinned in it; and a record of every act, which nobody can change.
--
-- Rights are bits: 1 moderate the chat, 2 pin products, 4 see orders. The influencer has all of them in
-- her live sessions. What is without a live session holds in all of hers.
--
-- Acts in live sessions of one influencer happen one after the other (private.chat_of_live_session_v1
-- says how they are told): whatever two moderators do at once, hubs hear of it in the order in which it
-- came true.

-- squawk-ignore-file adding-foreign-key-constraint

create table private.live_moderators (
  id uuid primary key default gen_random_uuid(),
  influencer_id uuid not null references public.influencers on delete cascade,
  live_session_id uuid references public.live_sessions on delete cascade,
  user_id uuid not null references auth.users on delete cascade,
  permissions smallint not null check (permissions between 1 and 7),
  appointed_at timestamptz not null default now(),
  constraint live_moderators_once unique nulls not distinct (influencer_id, live_session_id, user_id)
);
create index live_moderators_live_session_id on private.live_moderators (live_session_id);
create index live_moderators_user_id on private.live_moderators (user_id);
comment on table private.live_moderators is
  'whom an influencer gave rights in a live session, or (live_session_id NULL) in all of hers';
comment on column private.live_moderators.permissions is 'bits: 1 moderate chat, 2 pin products, 4 see orders';

create table private.chat_members (
  id uuid primary key default gen_random_uuid(),
  influencer_id uuid not null references public.influencers on delete cascade,
  live_session_id uuid references public.live_sessions on delete cascade,
  user_id uuid not null references auth.users on delete cascade,
  muted_until timestamptz,
  is_banned boolean not null default false,
  is_hidden boolean not null default false,
  updated_at timestamptz not null default now(),
  constraint chat_members_once unique nulls not distinct (influencer_id, live_session_id, user_id)
);
create index chat_members_live_session_id on private.chat_members (live_session_id);
create index chat_members_user_id on private.chat_members (user_id);
comment on table private.chat_members is
  'people who are muted, banned or hidden in a live session, or (live_session_id NULL) in all of an influencer';
comment on column private.chat_members.is_hidden is
  'what they write is shown to themselves, who are not told, and to moderators';

create table private.live_chats (
  live_session_id uuid primary key references public.live_sessions on delete cascade,
  slow_mode_s smallint not null default 0 check (slow_mode_s between 0 and 300),
  audience text not null default 'everyone' check (audience in ('everyone', 'followers', 'buyers')),
  links text not null default 'allow' check (links in ('allow', 'moderators', 'none')),
  -- What becomes of a message with an unwanted word.
  word_filter text not null default 'hold' check (word_filter in ('off', 'hold', 'refuse')),
  pinned jsonb,
  updated_at timestamptz not null default now()
);
comment on table private.live_chats is 'the rules of a chat and the message on top of it, where they were set';

create table private.chat_terms (
  influencer_id uuid not null references public.influencers on delete cascade,
  term text not null check (length(term) between 2 and 60),
  added_at timestamptz not null default now(),
  primary key (influencer_id, term)
);
comment on table private.chat_terms is 'words that an influencer does not want in her chats';

create table private.moderation_acts (
  id bigint generated always as identity primary key,
  influencer_id uuid not null,
  live_session_id uuid not null,
  act text not null check (act in (
    'appoint', 'dismiss', 'mute', 'unmute', 'ban', 'unban', 'hide', 'unhide', 'delete', 'clear', 'pin',
    'unpin', 'announce', 'configure', 'filter', 'approve', 'refuse')),
  by_user_id uuid not null,
  about_user_id uuid,
  message_id uuid,
  detail text not null default '' check (length(detail) <= 500),
  acted_at timestamptz not null default now()
);
create index moderation_acts_live_session_id on private.moderation_acts (live_session_id, id);
comment on table private.moderation_acts is
  'who did what to whom in a chat; append-only, and without names, which are read where they are kept';

-- ---------------------------------------------------------------------------------------------
-- What is in force

create function private.person_name_v1(p_user_id uuid) returns text
language sql stable set search_path = '' as $$
  select coalesce(nullif(i.display_name, ''), nullif(w.business_name, ''),
                  nullif(u.raw_user_meta_data ->> 'display_name', ''),
                  nullif(concat_ws(' ', c.first_name, c.last_name), ''), 'Member')::text
  from auth.users u
  left join public.influencers i on i.user_id = u.id
  left join public.wholesalers w on w.user_id = u.id
  left join public.customers c on c.user_id = u.id
  where u.id = p_user_id
$$;

-- The bits of what somebody may do; those of a person who was banned are none.
create function private.chat_rights_v1(p_influencer_id uuid, p_live_session_id uuid, p_user_id uuid)
returns integer
language sql stable set search_path = '' as $$
  select case
    when exists (select from public.influencers i
                 where i.id = p_influencer_id and i.user_id = p_user_id) then 7
    when exists (select from private.chat_members m
                 where m.influencer_id = p_influencer_id and m.user_id = p_user_id and m.is_banned
                   and (m.live_session_id is null or m.live_session_id = p_live_session_id)) then 0
    else coalesce((
      select bit_or(m.permissions)::integer from private.live_moderators m
      where m.influencer_id = p_influencer_id and m.user_id = p_user_id
        and (m.live_session_id is null or m.live_session_id = p_live_session_id)), 0)
  end
$$;

-- Whether somebody may decide about people in all live sessions of an influencer.
create function private.moderates_everywhere_v1(p_influencer_id uuid, p_user_id uuid) returns boolean
language sql stable set search_path = '' as $$
  select exists (select from public.influencers i
                 where i.id = p_influencer_id and i.user_id = p_user_id)
      or exists (select from private.live_moderators m
                 where m.influencer_id = p_influencer_id and m.live_session_id is null
                   and m.user_id = p_user_id and m.permissions & 1 = 1)
$$;

create function private.chat_member_json_v1(p_influencer_id uuid, p_live_session_id uuid, p_user_id uuid)
returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'user_id', p_user_id,
    'name', coalesce(private.person_name_v1(p_user_id), ''),
    'muted_until_ms', (extract(epoch from max(m.muted_until) filter (where m.muted_until > now()))
                       * 1000)::bigint,
    'is_banned', coalesce(bool_or(m.is_banned), false),
    'is_hidden', coalesce(bool_or(m.is_hidden), false),
    'everywhere', coalesce(bool_or(m.live_session_id is null and (m.is_banned or m.is_hidden)), false))
  from private.chat_members m
  where m.influencer_id = p_influencer_id and m.user_id = p_user_id
    and (m.live_session_id is null or m.live_session_id = p_live_session_id)
$$;

create function private.moderator_json_v1(p_influencer_id uuid, p_live_session_id uuid, p_user_id uuid)
returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'user_id', p_user_id,
    'name', coalesce(private.person_name_v1(p_user_id), ''),
    'permissions', array_remove(array[
      case when bits & 1 = 1 then 'moderate_chat' end,
      case when bits & 2 = 2 then 'pin_products' end,
      case when bits & 4 = 4 then 'see_orders' end], null),
    'everywhere', everywhere)
  from (
    select coalesce(bit_or(m.permissions), 0)::integer as bits,
           coalesce(bool_or(m.live_session_id is null), false) as everywhere
    from private.live_moderators m
    where m.influencer_id = p_influencer_id and m.user_id = p_user_id
      and (m.live_session_id is null or m.live_session_id = p_live_session_id)) found
$$;

create function private.chat_settings_json_v1(p_live_session_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'is_enabled', l.is_chat_enabled,
    'slow_mode_s', coalesce(c.slow_mode_s, 0),
    'audience', coalesce(c.audience, 'everyone'),
    'links', coalesce(c.links, 'allow'),
    -- Until it is set for this live session: as the influencer wants her chats moderated.
    'filter', coalesce(c.word_filter, case s.chat_moderation_level
      when 'none' then 'off' when 'high' then 'refuse' else 'hold' end))
  from public.live_sessions l
  left join private.live_chats c on c.live_session_id = l.id
  left join public.influencer_settings s on s.influencer_id = l.influencer_id
  where l.id = p_live_session_id
$$;

create function private.chat_terms_json_v1(p_influencer_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(t.term order by t.term), '[]')
  from private.chat_terms t where t.influencer_id = p_influencer_id
$$;

-- ---------------------------------------------------------------------------------------------
-- Acts

-- Begins an act: whoever acts in live sessions of the same influencer waits until this transaction has
-- ended. NULL when there is no such live session.
create function private.begin_act_v1(p_live_session_id uuid) returns uuid
language plpgsql volatile set search_path = '' as $$
declare
  v_influencer_id uuid;
begin
  select l.influencer_id into v_influencer_id from public.live_sessions l where l.id = p_live_session_id;
  if v_influencer_id is not null then
    perform pg_advisory_xact_lock(hashtextextended('livecommerce.chat.' || v_influencer_id, 0));
  end if;
  return v_influencer_id;
end $$;

create function private.note_act_v1(
  p_influencer_id uuid, p_live_session_id uuid, p_act text, p_by uuid, p_about uuid, p_message_id uuid,
  p_detail text) returns void
language sql volatile set search_path = '' as $$
  insert into private.moderation_acts (
    influencer_id, live_session_id, act, by_user_id, about_user_id, message_id, detail)
  values (p_influencer_id, p_live_session_id, p_act, p_by, p_about, p_message_id, left(p_detail, 500))
$$;

-- The live sessions in which something about a person holds and that have not ended.
create function private.concerned_live_sessions_v1(
  p_influencer_id uuid, p_live_session_id uuid, p_everywhere boolean) returns setof uuid
language sql stable set search_path = '' as $$
  select l.id from public.live_sessions l
  where l.influencer_id = p_influencer_id
    and (l.id = p_live_session_id or (p_everywhere and l.status in ('scheduled', 'live', 'paused')))
  order by l.id
$$;

-- Gives a person rights, in place of those of the same reach; 0 takes all of them back.
-- {outcome: ok | forbidden | not_found | no_session | banned | too_many, moderator}
create function private.appoint_moderator_v1(
  p_live_session_id uuid, p_by uuid, p_about uuid, p_permissions integer, p_everywhere boolean)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_influencer_id uuid := private.begin_act_v1(p_live_session_id);
  v_reach uuid := case when p_everywhere then null else p_live_session_id end;
begin
  if v_influencer_id is null then
    return jsonb_build_object('outcome', 'no_session');
  elsif not exists (select from public.influencers i where i.id = v_influencer_id and i.user_id = p_by) then
    return jsonb_build_object('outcome', 'forbidden');
  elsif p_about = p_by or not exists (select from auth.users u where u.id = p_about) then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  if p_permissions = 0 then
    delete from private.live_moderators m
    where m.influencer_id = v_influencer_id and m.user_id = p_about
      and (m.live_session_id is null or m.live_session_id = p_live_session_id);
    if not found then
      return jsonb_build_object('outcome', 'not_found');
    end if;
  else
    if (private.chat_member_json_v1(v_influencer_id, p_live_session_id, p_about) ->> 'is_banned')::boolean then
      return jsonb_build_object('outcome', 'banned');
    elsif (select count(*) from private.live_moderators m
           where m.influencer_id = v_influencer_id and m.user_id <> p_about
             and (m.live_session_id is null or m.live_session_id = p_live_session_id)) >= 50 then
      return jsonb_build_object('outcome', 'too_many');
    end if;
    insert into private.live_moderators as m (influencer_id, live_session_id, user_id, permissions)
    values (v_influencer_id, v_reach, p_about, p_permissions)
    on conflict on constraint live_moderators_once do update set permissions = excluded.permissions;
    -- One reach at a time: what was given before would come on top.
    delete from private.live_moderators m
    where m.influencer_id = v_influencer_id and m.user_id = p_about
      and ((m.live_session_id is null and not p_everywhere)
           or (m.live_session_id is not null and p_everywhere));
  end if;
  perform private.note_act_v1(
    v_influencer_id, p_live_session_id, case when p_permissions = 0 then 'dismiss' else 'appoint' end,
    p_by, p_about, null, case when p_permissions = 0 then '' else concat_ws(', ',
      case when p_permissions & 1 = 1 then 'moderate_chat' end,
      case when p_permissions & 2 = 2 then 'pin_products' end,
      case when p_permissions & 4 = 4 then 'see_orders' end,
      case when p_everywhere then 'everywhere' end) end);
  -- Everywhere: what held elsewhere may be gone, too.
  insert into private.outbox (topic, live_session_id, payload)
  select 'moderator.changed', s.id, jsonb_build_object(
    'moderator', private.moderator_json_v1(v_influencer_id, s.id, p_about))
  from private.concerned_live_sessions_v1(v_influencer_id, p_live_session_id, true) s (id);
  return jsonb_build_object('outcome', 'ok', 'moderator',
                            private.moderator_json_v1(v_influencer_id, p_live_session_id, p_about));
end $$;

-- Mutes (until p_until), bans or hides a person, or takes it back.
-- {outcome: ok | forbidden | not_found | no_session | protected | too_many, member}
create function private.decide_about_member_v1(
  p_live_session_id uuid, p_by uuid, p_about uuid, p_act text, p_everywhere boolean,
  p_until timestamptz, p_reason text) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_influencer_id uuid := private.begin_act_v1(p_live_session_id);
  v_reach uuid := case when p_everywhere then null else p_live_session_id end;
  v_is_undoing boolean := p_act in ('unmute', 'unban', 'unhide');
  v_everywhere boolean;
  v_member jsonb;
begin
  if v_influencer_id is null then
    return jsonb_build_object('outcome', 'no_session');
  elsif private.chat_rights_v1(v_influencer_id, p_live_session_id, p_by) & 1 = 0 then
    return jsonb_build_object('outcome', 'forbidden');
  elsif not exists (select from auth.users u where u.id = p_about) then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  -- What holds everywhere is taken back everywhere.
  v_everywhere := p_everywhere or (v_is_undoing and exists (
    select from private.chat_members m
    where m.influencer_id = v_influencer_id and m.live_session_id is null and m.user_id = p_about
      and ((p_act = 'unban' and m.is_banned) or (p_act = 'unhide' and m.is_hidden))));
  if v_everywhere and not private.moderates_everywhere_v1(v_influencer_id, p_by) then
    return jsonb_build_object('outcome', 'forbidden');
  end if;
  if v_is_undoing and p_about = p_by then
    -- Nobody takes back what was decided about them.
    return jsonb_build_object('outcome', 'protected');
  elsif v_is_undoing then
    update private.chat_members m
    set muted_until = case when p_act = 'unmute' then null else m.muted_until end,
        is_banned = m.is_banned and p_act <> 'unban',
        is_hidden = m.is_hidden and p_act <> 'unhide',
        updated_at = now()
    where m.influencer_id = v_influencer_id and m.user_id = p_about
      and (m.live_session_id is null or m.live_session_id = p_live_session_id or v_everywhere);
    if not found then
      return jsonb_build_object('outcome', 'not_found');
    end if;
  else
    -- Nobody acts against the influencer or themselves, and only she against her moderators.
    if p_about = p_by
       or exists (select from public.influencers i where i.id = v_influencer_id and i.user_id = p_about)
       or ((private.chat_rights_v1(v_influencer_id, p_live_session_id, p_about) > 0
            -- What holds everywhere is also against moderators of her other live sessions.
            or (v_everywhere and exists (
                  select from private.live_moderators m
                  where m.influencer_id = v_influencer_id and m.user_id = p_about)))
           and not exists (select from public.influencers i
                           where i.id = v_influencer_id and i.user_id = p_by)) then
      return jsonb_build_object('outcome', 'protected');
    elsif (select count(*) from private.chat_members m
           where m.influencer_id = v_influencer_id and m.live_session_id is not distinct from v_reach
             and m.user_id <> p_about) >= 5000 then
      return jsonb_build_object('outcome', 'too_many');
    end if;
    insert into private.chat_members as m (
      influencer_id, live_session_id, user_id, muted_until, is_banned, is_hidden)
    values (v_influencer_id, v_reach, p_about, p_until, p_act = 'ban', p_act = 'hide')
    on conflict on constraint chat_members_once do update
    set muted_until = coalesce(excluded.muted_until, m.muted_until),
        is_banned = m.is_banned or excluded.is_banned,
        is_hidden = m.is_hidden or excluded.is_hidden,
        updated_at = now();
  end if;
  -- Whose time is over, and about whom nothing is decided any more.
  delete from private.chat_members m
  where m.influencer_id = v_influencer_id and not m.is_banned and not m.is_hidden
    and (m.muted_until is null or m.muted_until <= now());
  perform private.note_act_v1(
    v_influencer_id, p_live_session_id, p_act, p_by, p_about, null,
    concat_ws(', ', case when v_everywhere then 'everywhere' end,
              case when p_until is not null
                   then 'until ' || to_char(p_until at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC' end,
              nullif(p_reason, '')));
  insert into private.outbox (topic, live_session_id, payload)
  select 'member.changed', s.id, jsonb_build_object(
    'member', private.chat_member_json_v1(v_influencer_id, s.id, p_about))
  from private.concerned_live_sessions_v1(v_influencer_id, p_live_session_id, v_everywhere) s (id);
  if p_act = 'ban' then
    perform private.purge_chat_v1(s.id, p_about)
    from private.concerned_live_sessions_v1(v_influencer_id, p_live_session_id, v_everywhere) s (id);
  end if;
  v_member := private.chat_member_json_v1(v_influencer_id, p_live_session_id, p_about);
  return jsonb_build_object('outcome', 'ok', 'member', v_member);
end $$;

-- Changes the rules of a chat; what p_changes leaves out stays.
-- {outcome: ok | forbidden | no_session, settings}
create function private.configure_chat_v1(p_live_session_id uuid, p_by uuid, p_changes jsonb)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_influencer_id uuid := private.begin_act_v1(p_live_session_id);
  v_before jsonb := private.chat_settings_json_v1(p_live_session_id);
  v_after jsonb := v_before || p_changes;
begin
  if v_influencer_id is null then
    return jsonb_build_object('outcome', 'no_session');
  elsif private.chat_rights_v1(v_influencer_id, p_live_session_id, p_by) & 1 = 0 then
    return jsonb_build_object('outcome', 'forbidden');
  elsif v_after = v_before then
    return jsonb_build_object('outcome', 'ok', 'settings', v_before);
  end if;
  insert into private.live_chats as c (live_session_id, slow_mode_s, audience, links, word_filter)
  values (p_live_session_id, (v_after ->> 'slow_mode_s')::smallint, v_after ->> 'audience',
          v_after ->> 'links', v_after ->> 'filter')
  on conflict (live_session_id) do update
  set slow_mode_s = excluded.slow_mode_s, audience = excluded.audience, links = excluded.links,
      word_filter = excluded.word_filter, updated_at = now();
  perform private.note_act_v1(v_influencer_id, p_live_session_id, 'configure', p_by, null, null,
                              p_changes::text);
  if v_after -> 'is_enabled' = v_before -> 'is_enabled' then
    insert into private.outbox (topic, live_session_id, payload)
    values ('chat.configured', p_live_session_id, jsonb_build_object('settings', v_after));
  else
    -- Told by a trigger (20261126000130_chat_switch.sql).
    update public.live_sessions set is_chat_enabled = (v_after ->> 'is_enabled')::boolean
    where id = p_live_session_id;
  end if;
  return jsonb_build_object('outcome', 'ok', 'settings', v_after);
end $$;

-- Adds and removes words that are not wanted. They hold in all live sessions of the influencer, so who
-- moderates one of them may not. {outcome: ok | forbidden | no_session | too_many, terms}
create function private.change_chat_terms_v1(
  p_live_session_id uuid, p_by uuid, p_add text[], p_remove text[]) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_influencer_id uuid := private.begin_act_v1(p_live_session_id);
  v_terms jsonb;
begin
  if v_influencer_id is null then
    return jsonb_build_object('outcome', 'no_session');
  elsif not private.moderates_everywhere_v1(v_influencer_id, p_by) then
    return jsonb_build_object('outcome', 'forbidden');
  elsif (select count(*) from (
           (select t.term from private.chat_terms t where t.influencer_id = v_influencer_id
            union select a.term from unnest(p_add) a (term))
           except select r.term from unnest(p_remove) r (term)) left_over) > 200 then
    return jsonb_build_object('outcome', 'too_many');
  end if;
  insert into private.chat_terms (influencer_id, term)
  select v_influencer_id, a.term from unnest(p_add) a (term) on conflict do nothing;
  delete from private.chat_terms t where t.influencer_id = v_influencer_id and t.term = any (p_remove);
  perform private.note_act_v1(
    v_influencer_id, p_live_session_id, 'filter', p_by, null, null,
    concat_ws(' ', case when p_add <> '{}' then '+ ' || array_to_string(p_add, ', ') end,
              case when p_remove <> '{}' then '- ' || array_to_string(p_remove, ', ') end));
  v_terms := private.chat_terms_json_v1(v_influencer_id);
  insert into private.outbox (topic, live_session_id, payload)
  select 'filter.changed', s.id, jsonb_build_object('terms', v_terms)
  from private.concerned_live_sessions_v1(v_influencer_id, p_live_session_id, true) s (id);
  return jsonb_build_object('outcome', 'ok', 'terms', v_terms);
end $$;

do $$
declare
  t text;
begin
  foreach t in array array['live_moderators', 'chat_members', 'live_chats', 'chat_terms',
                           'moderation_acts'] loop
    execute format('alter table private.%I enable row level security', t);
    execute format('revoke all on private.%I from public, anon, authenticated, service_role', t);
    execute format('grant select, insert, update, delete on private.%I to service_role', t);
    execute format('create policy service on private.%I for all to service_role '
                   'using (true) with check (true)', t);
  end loop;
end $$;
revoke update, delete on private.moderation_acts from service_role;

revoke execute on function
  private.person_name_v1(uuid),
  private.chat_rights_v1(uuid, uuid, uuid),
  private.moderates_everywhere_v1(uuid, uuid),
  private.chat_member_json_v1(uuid, uuid, uuid),
  private.moderator_json_v1(uuid, uuid, uuid),
  private.chat_settings_json_v1(uuid),
  private.chat_terms_json_v1(uuid),
  private.begin_act_v1(uuid),
  private.note_act_v1(uuid, uuid, text, uuid, uuid, uuid, text),
  private.concerned_live_sessions_v1(uuid, uuid, boolean),
  private.appoint_moderator_v1(uuid, uuid, uuid, integer, boolean),
  private.decide_about_member_v1(uuid, uuid, uuid, text, boolean, timestamptz, text),
  private.configure_chat_v1(uuid, uuid, jsonb),
  private.change_chat_terms_v1(uuid, uuid, text[], text[])
  from public, anon, authenticated;
grant execute on function
  private.person_name_v1(uuid),
  private.chat_rights_v1(uuid, uuid, uuid),
  private.moderates_everywhere_v1(uuid, uuid),
  private.chat_member_json_v1(uuid, uuid, uuid),
  private.moderator_json_v1(uuid, uuid, uuid),
  private.chat_settings_json_v1(uuid),
  private.chat_terms_json_v1(uuid),
  private.begin_act_v1(uuid),
  private.note_act_v1(uuid, uuid, text, uuid, uuid, uuid, text),
  private.concerned_live_sessions_v1(uuid, uuid, boolean),
  private.appoint_moderator_v1(uuid, uuid, uuid, integer, boolean),
  private.decide_about_member_v1(uuid, uuid, uuid, text, boolean, timestamptz, text),
  private.configure_chat_v1(uuid, uuid, jsonb),
  private.change_chat_terms_v1(uuid, uuid, text[], text[])
  to service_role;

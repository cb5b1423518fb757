-- Questions to the influencer: a queue per live session that she and her moderators work through.
--
-- The truth is here and not on the bus: a queue that is worked off over an hour outlives what the bus
-- keeps, one person upvotes once on whatever process, and the replay shows what was answered when.
-- Every change carries a greater revision; what is told of a question is the whole of it, so that the
-- order in which the words come does not matter.

-- squawk-ignore-file adding-foreign-key-constraint

create table private.questions (
  id uuid primary key,
  live_session_id uuid not null references public.live_sessions on delete cascade,
  author_id uuid not null,
  name text not null,
  role text not null,
  text text not null check (length(text) between 1 and 2000),
  status text not null default 'open'
    check (status in ('open', 'picked', 'answered', 'dismissed', 'pushed_out')),
  upvotes integer not null default 0 check (upvotes >= 0),
  revision integer not null default 1,
  told_revision integer not null default 1,
  told_at timestamptz not null default '-infinity',
  asked_at timestamptz not null default now(),
  picked_at timestamptz,
  closed_at timestamptz,
  closed_by uuid,
  constraint questions_closed check ((closed_at is null) = (status in ('open', 'picked')))
) with (fillfactor = 80);
create index questions_live_session_id on private.questions (live_session_id, asked_at);
create index questions_queue on private.questions (live_session_id) where closed_at is null;
create unique index questions_picked on private.questions (live_session_id) where status = 'picked';
comment on table private.questions is
  'what viewers ask the influencer; no foreign key to the account, which may go';
comment on column private.questions.told_revision is 'what the hubs were last told';
comment on column private.questions.told_at is 'when upvotes were last told';

create table private.question_upvotes (
  question_id uuid not null references private.questions on delete cascade,
  user_id uuid not null,
  upvoted_at timestamptz not null default now(),
  primary key (question_id, user_id)
);
comment on table private.question_upvotes is 'who wants to know it, too; once per person';

-- A question as everybody in the live session sees it.
create function private.question_json_of(q private.questions) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', q.id, 'text', q.text, 'name', q.name, 'role', q.role, 'author_id', q.author_id,
    'upvotes', q.upvotes, 'status', q.status,
    'asked_at_ms', (extract(epoch from q.asked_at) * 1000)::bigint, 'revision', q.revision)
$$;

create function private.tell_questions(p_live_session_id uuid, p_questions jsonb) returns void
language sql volatile set search_path = '' as $$
  insert into private.outbox (topic, live_session_id, payload)
  values ('questions.changed', p_live_session_id, jsonb_build_object('questions', p_questions))
$$;

-- Puts a question into the queue; the same p_id again is the same question.
-- A full queue makes room by pushing out the oldest that nobody else wants to know, once it has had its
-- ten seconds; so a flood cannot close the queue, and what people want to know stays in it.
-- Returns {outcome, ...}: asked {question} | session_not_found | wrong_state {status} | key_reused |
--   yours_full {most} | queue_full
create function private.ask_question_v1(
  p_id uuid, p_live_session_id uuid, p_user_id uuid, p_name text, p_role text, p_text text)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  c_queue constant integer := 40;
  c_of_one constant integer := 3;
  v_status text;
  v_known private.questions;
  v_new private.questions;
  v_pushed private.questions;
  v_told jsonb;
begin
  -- One at a time per live session, whose own row is too hot to be locked for this.
  perform pg_advisory_xact_lock(
    hashtextextended('livecommerce.questions:' || p_live_session_id::text, 0));
  select * into v_known from private.questions where id = p_id;
  if found then
    return case when v_known.author_id = p_user_id and v_known.live_session_id = p_live_session_id
                then jsonb_build_object('outcome', 'asked',
                                        'question', private.question_json_of(v_known))
                else jsonb_build_object('outcome', 'key_reused') end;
  end if;
  select status into v_status from public.live_sessions where id = p_live_session_id;
  if not found then
    return jsonb_build_object('outcome', 'session_not_found');
  elsif v_status in ('ended', 'cancelled', 'error') then
    return jsonb_build_object('outcome', 'wrong_state', 'status', v_status);
  elsif (select count(*) >= c_of_one from private.questions
         where live_session_id = p_live_session_id and closed_at is null
           and author_id = p_user_id) then
    return jsonb_build_object('outcome', 'yours_full', 'most', c_of_one);
  end if;
  if (select count(*) >= c_queue from private.questions
      where live_session_id = p_live_session_id and closed_at is null) then
    update private.questions
    set status = 'pushed_out', closed_at = now(), revision = revision + 1,
        told_revision = revision + 1
    where id = (
      select id from private.questions
      where live_session_id = p_live_session_id and status = 'open' and upvotes = 0
        and asked_at < now() - interval '10 seconds'
      order by asked_at, id limit 1 for no key update skip locked)
    returning * into v_pushed;
    if not found then
      return jsonb_build_object('outcome', 'queue_full');
    end if;
    v_told := jsonb_build_array(private.question_json_of(v_pushed));
  end if;
  insert into private.questions (id, live_session_id, author_id, name, role, text)
  values (p_id, p_live_session_id, p_user_id, p_name, p_role, p_text)
  returning * into v_new;
  perform private.tell_questions(
    p_live_session_id,
    coalesce(v_told, '[]') || jsonb_build_array(private.question_json_of(v_new)));
  return jsonb_build_object('outcome', 'asked', 'question', private.question_json_of(v_new));
end $$;

-- Moves a question on; whoever calls has seen to it that p_user_id may. p_status: picked | answered |
-- dismissed. The one that was picked before counts as answered. The same again changes nothing.
-- Returns {outcome, ...}: moved {question} | not_found | closed {status}
create function private.move_question_v1(
  p_live_session_id uuid, p_question_id uuid, p_user_id uuid, p_status text)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_question private.questions;
  v_before private.questions;
  v_told jsonb := jsonb_build_array();
begin
  perform pg_advisory_xact_lock(
    hashtextextended('livecommerce.questions:' || p_live_session_id::text, 0));
  -- In the order in which upvotes take them.
  perform from private.questions
  where live_session_id = p_live_session_id and (id = p_question_id or status = 'picked')
  order by id for no key update;
  select * into v_question from private.questions
  where id = p_question_id and live_session_id = p_live_session_id;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  elsif v_question.status = p_status then
    return jsonb_build_object('outcome', 'moved', 'question', private.question_json_of(v_question));
  elsif v_question.closed_at is not null then
    return jsonb_build_object('outcome', 'closed', 'status', v_question.status);
  end if;
  if p_status = 'picked' then
    update private.questions
    set status = 'answered', closed_at = now(), closed_by = p_user_id, revision = revision + 1,
        told_revision = revision + 1
    where live_session_id = p_live_session_id and status = 'picked'
    returning * into v_before;
    if found then
      v_told := jsonb_build_array(private.question_json_of(v_before));
    end if;
  end if;
  update private.questions
  set status = p_status,
      picked_at = case when p_status = 'dismissed' then picked_at else coalesce(picked_at, now()) end,
      closed_at = case when p_status = 'picked' then null else now() end,
      closed_by = case when p_status = 'picked' then null else p_user_id end,
      revision = revision + 1, told_revision = revision + 1
  where id = p_question_id
  returning * into v_question;
  perform private.tell_questions(
    p_live_session_id, v_told || jsonb_build_array(private.question_json_of(v_question)));
  return jsonb_build_object('outcome', 'moved', 'question', private.question_json_of(v_question));
end $$;

-- Upvotes of many people in one transaction. p_upvotes: [{question_id, live_session_id, user_id}], no
-- person twice. What came of it is told by tell_engagement_v1, at most so often.
-- Returns, in their order: [{outcome, ...}]: upvoted {question} | not_found | closed |
--   already_upvoted {question}; whoever asked has upvoted by asking.
create function private.upvote_questions_v1(p_upvotes jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_fresh jsonb;
begin
  perform from private.questions q
  where q.id in (select (u.value ->> 'question_id')::uuid from jsonb_array_elements(p_upvotes) u)
  order by q.id for no key update;
  with asked as (
    select u.question_id, u.live_session_id, u.user_id
    from jsonb_to_recordset(p_upvotes) u (question_id uuid, live_session_id uuid, user_id uuid)),
  added as (
    insert into private.question_upvotes (question_id, user_id)
    select q.id, a.user_id
    from asked a
    join private.questions q on q.id = a.question_id and q.live_session_id = a.live_session_id
    where q.closed_at is null and q.author_id <> a.user_id
    on conflict (question_id, user_id) do nothing
    returning question_id, user_id),
  counted as (
    update private.questions q set upvotes = q.upvotes + c.n, revision = q.revision + 1
    from (select question_id, count(*) as n from added group by question_id) c
    where q.id = c.question_id)
  select coalesce(jsonb_object_agg(question_id::text || user_id::text, true), '{}') into v_fresh
  from added;
  return (
    select jsonb_agg(
      case
        when q.id is null then jsonb_build_object('outcome', 'not_found')
        when v_fresh ? (q.id::text || (u.value ->> 'user_id')) then
          jsonb_build_object('outcome', 'upvoted', 'question', private.question_json_of(q))
        when q.closed_at is not null then jsonb_build_object('outcome', 'closed')
        else jsonb_build_object('outcome', 'already_upvoted')
      end order by u.n)
    from jsonb_array_elements(p_upvotes) with ordinality u (value, n)
    left join private.questions q
      on q.id = (u.value ->> 'question_id')::uuid
     and q.live_session_id = (u.value ->> 'live_session_id')::uuid);
end $$;

do $$
declare
  t text;
begin
  foreach t in array array['questions', 'question_upvotes'] loop
    execute format('alter table private.%I enable row level security', t);
    execute format('revoke all on private.%I from public, anon, authenticated, service_role', t);
    execute format('grant select, insert, update, delete on private.%I to service_role', t);
    execute format('create policy service on private.%I for all to service_role '
                   'using (true) with check (true)', t);
  end loop;
end $$;

revoke execute on function
  private.question_json_of(private.questions), private.tell_questions(uuid, jsonb),
  private.ask_question_v1(uuid, uuid, uuid, text, text, text),
  private.move_question_v1(uuid, uuid, uuid, text), private.upvote_questions_v1(jsonb)
  from public, anon, authenticated;
grant execute on function
  private.question_json_of(private.questions), private.tell_questions(uuid, jsonb),
  private.ask_question_v1(uuid, uuid, uuid, text, text, text),
  private.move_question_v1(uuid, uuid, uuid, text), private.upvote_questions_v1(jsonb)
  to service_role;

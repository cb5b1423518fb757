-- Support: what customers and admins do with queries. The rules (numbers, deadlines, clocks, moves)
-- are triggers of 0500; here are the use cases.
--
-- Customers open, read and write as themselves. Admins read under their own claims; what they change
-- the service changes for them (`acting_as(Actor("service", admin))`), so that it is in the audit log.
-- Functions that change something answer with a word: 'done', or why not.

alter table public.queries
  add constraint queries_subject_not_blank check (btrim(subject) <> '') not valid,
  add constraint queries_message_length check (length(message) between 1 and 10000) not valid;

-- The lists of what is over. Queries are some ten thousand rows at most.
-- squawk-ignore require-concurrent-index-creation
create index idx_queries_status_created_at on public.queries (status, created_at desc, id desc);

-- ---------------------------------------------------------------------------------------------
-- The customer

-- p_id is the caller's: the same query sent twice is opened once. What may fail stands in a block of
-- its own, since a block that fails takes back its change of role as well.
create function app.open_query_v1(claims text, p_id uuid, p_order_id uuid, p_category text,
                                  p_subject text, p_message text)
returns table (outcome text, retry_after_s integer)
language plpgsql set search_path = '' as $$
declare
  v_customer_id uuid;
  v_detail text;
begin
  perform app.act_as_v1(claims);
  v_customer_id := private.my_customer_id();
  if v_customer_id is null then
    return query select 'not_customer', null::integer;
    return;
  elsif p_order_id is not null and not exists (
    select from public.orders o where o.id = p_order_id and o.customer_id = v_customer_id) then
    return query select 'order_unknown', null::integer;
    return;
  elsif exists (select from public.queries q where q.id = p_id and q.customer_id = v_customer_id) then
    return query select 'done', null::integer;
    return;
  end if;
  begin
    insert into public.queries (id, customer_id, order_id, category, subject, message)
    values (p_id, v_customer_id, p_order_id, p_category, p_subject, p_message);
  exception
    when sqlstate 'PT429' then
      get stacked diagnostics v_detail = pg_exception_detail;
      return query select 'too_many', v_detail::integer;
      return;
    when unique_violation then
      -- Sent twice at the same time, or an id that is somebody else's.
      return query select case when exists (
        select from public.queries q where q.id = p_id and q.customer_id = v_customer_id)
        then 'done' else 'key_reused' end, null::integer;
      return;
  end;
  return query select 'done', null::integer;
end $$;

-- The customer's queries, those with the newest events first: all, with the beginning of the message,
-- or the one with this id, whole and with its thread. p_before, p_before_id: the last one of the page
-- before.
create function app.queries_of_v1(claims text, p_now timestamptz, p_query_id uuid,
                                  p_before timestamptz, p_before_id uuid, p_limit integer)
returns table (id uuid, ticket_number text, subject text, message text, category text, status text,
               order_id uuid, order_number text, created_at timestamptz, updated_at timestamptz,
               ack_due_at timestamptz, acknowledged_at timestamptz, redress_due_at timestamptz,
               resolved_at timestamptz, closed_at timestamptz, is_overdue boolean, messages jsonb)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  perform app.act_as_v1(claims);
  return query
  select q.id, q.ticket_number::text, q.subject::text,
         case when p_query_id is null then left(q.message, 160) else q.message end,
         q.category::text, q.status::text, q.order_id,
         (select o.order_number::text from public.orders o where o.id = q.order_id),
         q.created_at, q.updated_at,
         q.ack_due_at, q.acknowledged_at, q.redress_due_at, q.resolved_at, q.closed_at,
         q.status in ('open', 'in_progress', 'escalated')
           and (q.redress_due_at < p_now or (q.acknowledged_at is null and q.ack_due_at < p_now)),
         case when p_query_id is not null then coalesce((
           select jsonb_agg(jsonb_build_object(
                    'id', m.id, 'author', m.author_kind, 'body', m.body,
                    'at_ms', (extract(epoch from m.created_at) * 1000)::bigint)
                    order by m.created_at, m.id)
           from (select * from public.query_messages n where n.query_id = q.id
                 order by n.created_at desc, n.id desc limit 500) m), '[]') end
  from public.queries q
  where q.customer_id = (select private.my_customer_id())
    and (p_query_id is null or q.id = p_query_id)
    and (p_before is null or (q.updated_at, q.id) < (p_before, p_before_id))
  order by q.updated_at desc, q.id desc
  limit p_limit;
end $$;

create function app.reply_to_query_v1(claims text, p_query_id uuid, p_id uuid, p_body text)
returns table (outcome text, retry_after_s integer)
language plpgsql set search_path = '' as $$
declare
  v_status text;
  v_detail text;
begin
  perform app.act_as_v1(claims);
  select q.status into v_status from public.queries q
  where q.id = p_query_id and q.customer_id = private.my_customer_id();
  if not found then
    return query select 'not_found', null::integer;
    return;
  elsif exists (select from public.query_messages m
                where m.id = p_id and m.query_id = p_query_id and m.author_kind = 'customer') then
    return query select 'done', null::integer;
    return;
  elsif v_status = 'closed' then
    return query select 'closed', null::integer;
    return;
  end if;
  begin
    insert into public.query_messages (id, query_id, author_kind, body)
    values (p_id, p_query_id, 'customer', p_body);
  exception
    when sqlstate 'PT429' then
      get stacked diagnostics v_detail = pg_exception_detail;
      return query select 'too_many', v_detail::integer;
      return;
    when unique_violation then
      return query select case when exists (
        select from public.query_messages m
        where m.id = p_id and m.query_id = p_query_id and m.author_kind = 'customer')
        then 'done' else 'key_reused' end, null::integer;
      return;
    when check_violation then
      -- Closed since we looked.
      return query select 'closed', null::integer;
      return;
  end;
  return query select 'done', null::integer;
end $$;

-- ---------------------------------------------------------------------------------------------
-- The admin reads

-- Ids of the queries whose ticket ends in these digits, for admins. split_part is not leakproof: under row
-- security it would be judged row by row, and the index over it could not be used. So this sees past.
create function private.queries_by_digits(p_digits text) returns setof uuid
language sql stable security definer rows 1 set search_path = '' as $$
  select q.id from public.queries q
  where (select private.is_admin()) and split_part(q.ticket_number, '-', 3) = p_digits
$$;

-- p_status: 'waiting' for all that are not done, the most urgent first; or one state, of those that
-- are done the newest first. p_ticket finds one ticket whatever its state, by its whole number or the
-- digits at its end. p_after, p_after_id: the last one of the page before (its redress_due_at while it
-- waits, else its created_at).
create function app.support_queries_v1(
  claims text, p_now timestamptz, p_status text, p_is_overdue boolean, p_is_mine boolean,
  p_ticket text, p_after timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, ticket_number text, subject text, category text, status text, priority text,
               customer_name text, order_number text, assigned_to uuid, created_at timestamptz,
               updated_at timestamptz, ack_due_at timestamptz, acknowledged_at timestamptz,
               redress_due_at timestamptz, resolved_at timestamptz, is_ack_overdue boolean,
               is_redress_overdue boolean, is_redress_near boolean)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_ids uuid[];
  -- Where the page begins, in a form that an index can take.
  v_newest timestamptz := coalesce(p_after, 'infinity');
  v_oldest timestamptz := coalesce(p_after, '-infinity');
  v_last_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  v_first_id uuid := coalesce(p_after_id, '00000000-0000-0000-0000-000000000000');
begin
  perform app.act_as_v1(claims);
  -- A statement per list, so that each has the plan of its own index.
  if p_ticket like 'TKT-%' then
    v_ids := array(select q.id from public.queries q where q.ticket_number = p_ticket);
  elsif p_ticket is not null then
    v_ids := array(select q.id from public.queries q
                   where q.id = any (array(select private.queries_by_digits(p_ticket)))
                   order by q.created_at desc limit p_limit);
  elsif p_status in ('resolved', 'closed') then
    v_ids := array(select q.id from public.queries q
                   where q.status = p_status and not p_is_overdue
                     and (not p_is_mine or q.assigned_to = (select auth.uid()))
                     and (q.created_at, q.id) < (v_newest, v_last_id)
                   order by q.created_at desc, q.id desc limit p_limit);
  else
    v_ids := array(select q.id from public.queries q
                   where q.status in ('open', 'in_progress', 'escalated')
                     and (p_status = 'waiting' or q.status = p_status)
                     and (not p_is_mine or q.assigned_to = (select auth.uid()))
                     and (not p_is_overdue or q.redress_due_at < p_now
                          or (q.acknowledged_at is null and q.ack_due_at < p_now))
                     and (q.redress_due_at, q.id) > (v_oldest, v_first_id)
                   order by q.redress_due_at, q.id limit p_limit);
  end if;
  return query
  select q.id, q.ticket_number::text, q.subject::text, q.category::text, q.status::text,
         q.priority::text,
         coalesce((select concat_ws(' ', c.first_name, c.last_name) from public.customers c
                   where c.id = q.customer_id), ''),
         (select o.order_number::text from public.orders o where o.id = q.order_id),
         q.assigned_to, q.created_at, q.updated_at, q.ack_due_at, q.acknowledged_at,
         q.redress_due_at, q.resolved_at,
         w.is_waiting and q.acknowledged_at is null and q.ack_due_at < p_now,
         w.is_waiting and q.redress_due_at < p_now,
         w.is_waiting and q.redress_due_at >= p_now and q.redress_due_at < p_now + interval '7 days'
  from unnest(v_ids) with ordinality as found (id, place)
  join public.queries q on q.id = found.id
  cross join lateral (select q.status in ('open', 'in_progress', 'escalated') as is_waiting) w
  order by found.place;
end $$;

-- One query with all that whoever answers it needs; no row when there is none, or for who is no admin.
create function app.support_query_v1(claims text, p_now timestamptz, p_query_id uuid)
returns table (id uuid, ticket_number text, subject text, message text, category text, status text,
               priority text, assigned_to uuid, created_at timestamptz, updated_at timestamptz,
               ack_due_at timestamptz, acknowledged_at timestamptz, first_response_at timestamptz,
               escalated_at timestamptz, redress_due_at timestamptz, resolved_at timestamptz,
               closed_at timestamptz, resolution_time_hours integer, is_ack_overdue boolean,
               is_redress_overdue boolean, is_redress_near boolean, customer_name text,
               customer_email text, customer_phone text, order_id uuid, order_number text,
               order_status text, messages jsonb, notes jsonb)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  perform app.act_as_v1(claims);
  return query
  select q.id, q.ticket_number::text, q.subject::text, q.message, q.category::text, q.status::text,
         q.priority::text, q.assigned_to, q.created_at, q.updated_at,
         q.ack_due_at, q.acknowledged_at, q.first_response_at,
         q.escalated_at, q.redress_due_at, q.resolved_at,
         q.closed_at, q.resolution_time_hours,
         w.is_waiting and q.acknowledged_at is null and q.ack_due_at < p_now,
         w.is_waiting and q.redress_due_at < p_now,
         w.is_waiting and q.redress_due_at >= p_now and q.redress_due_at < p_now + interval '7 days',
         concat_ws(' ', c.first_name, c.last_name), coalesce(q.customer_email, '')::text,
         coalesce(q.customer_phone, '')::text, q.order_id, o.order_number::text, o.status::text,
         coalesce((select jsonb_agg(jsonb_build_object(
                     'id', m.id, 'author', m.author_kind, 'author_user_id', m.author_user_id,
                     'body', m.body, 'at_ms', (extract(epoch from m.created_at) * 1000)::bigint)
                     order by m.created_at, m.id)
                   from (select * from public.query_messages n where n.query_id = q.id
                         order by n.created_at desc, n.id desc limit 500) m), '[]'),
         coalesce((select jsonb_agg(jsonb_build_object(
                     'id', s.id, 'author_user_id', s.author_user_id, 'body', s.body,
                     'at_ms', (extract(epoch from s.created_at) * 1000)::bigint)
                     order by s.created_at, s.id)
                   from (select * from public.staff_notes n
                         where n.about = 'query' and n.about_id = q.id
                         order by n.created_at desc, n.id desc limit 200) s), '[]')
  from public.queries q
  cross join lateral (select q.status in ('open', 'in_progress', 'escalated') as is_waiting) w
  left join public.customers c on c.id = q.customer_id
  left join public.orders o on o.id = q.order_id
  where q.id = p_query_id and (select private.is_admin());
end $$;

-- How many wait, by what makes them wait.
create function app.support_counts_v1(claims text, p_now timestamptz)
returns table (waiting integer, opened integer, in_progress integer, escalated integer,
               overdue integer, mine integer)
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query
  select count(*)::integer,
         (count(*) filter (where q.status = 'open'))::integer,
         (count(*) filter (where q.status = 'in_progress'))::integer,
         (count(*) filter (where q.status = 'escalated'))::integer,
         (count(*) filter (where q.redress_due_at < p_now
                             or (q.acknowledged_at is null and q.ack_due_at < p_now)))::integer,
         (count(*) filter (where q.assigned_to = auth.uid()))::integer
  from public.queries q
  where q.status in ('open', 'in_progress', 'escalated');
end $$;

-- ---------------------------------------------------------------------------------------------
-- The service writes, for an admin or the customer whose id its claims carry

-- Locks the query and answers its status; NULL when there is none.
create function private.locked_query_status(p_query_id uuid) returns text
language sql volatile set search_path = '' as $$
  select status::text from public.queries where id = p_query_id for no key update
$$;

-- p_to: the admin who takes it; NULL gives it back to all. Taking up an open query begins the work.
create function private.assign_query_v1(p_query_id uuid, p_to uuid) returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_status text := private.locked_query_status(p_query_id);
begin
  if v_status is null then
    return 'not_found';
  elsif v_status = 'closed' then
    return 'closed';
  end if;
  update public.queries
  set assigned_to = p_to,
      status = case when v_status = 'open' and p_to is not null then 'in_progress' else status end
  where id = p_query_id
    and (assigned_to is distinct from p_to or (v_status = 'open' and p_to is not null));
  return 'done';
end $$;

-- p_id is the caller's: the same answer sent twice is written once.
create function private.answer_query_v1(p_query_id uuid, p_id uuid, p_body text) returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_status text := private.locked_query_status(p_query_id);
begin
  if v_status is null then
    return 'not_found';
  elsif exists (select from public.query_messages where id = p_id) then
    return case when exists (select from public.query_messages
                             where id = p_id and query_id = p_query_id and author_kind = 'support')
                then 'done' else 'key_reused' end;
  elsif v_status = 'closed' then
    return 'closed';
  end if;
  insert into public.query_messages (id, query_id, author_kind, body)
  values (p_id, p_query_id, 'support', p_body);
  return 'done';
end $$;

-- To 'in_progress', 'escalated', 'resolved' or 'closed'; 'done' also when it is there already.
create function private.move_query_v1(p_query_id uuid, p_to text) returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_status text := private.locked_query_status(p_query_id);
begin
  if v_status is null then
    return 'not_found';
  elsif v_status = p_to then
    return 'done';
  elsif not exists (select from private.state_moves
                    where machine = 'query' and from_state = v_status and to_state = p_to) then
    return case when v_status = 'closed' then 'closed' else 'wrong_state' end;
  end if;
  update public.queries set status = p_to where id = p_query_id;
  return 'done';
end $$;

create function private.rate_query_v1(p_query_id uuid, p_priority text) returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_status text := private.locked_query_status(p_query_id);
begin
  if v_status is null then
    return 'not_found';
  elsif v_status = 'closed' then
    return 'closed';
  end if;
  update public.queries set priority = p_priority where id = p_query_id and priority <> p_priority;
  return 'done';
end $$;

-- A note of the staff for the staff; also on a query that is closed.
create function private.note_on_query_v1(p_query_id uuid, p_id uuid, p_body text) returns text
language plpgsql volatile set search_path = '' as $$
begin
  if not exists (select from public.queries where id = p_query_id) then
    return 'not_found';
  end if;
  insert into public.staff_notes (id, about, about_id, body, author_user_id)
  values (p_id, 'query', p_query_id, p_body, auth.uid())
  on conflict (id) do nothing;
  return 'done';
end $$;

-- Customers may close what is theirs, in whatever state it is.
create function private.close_query_of_v1(p_user_id uuid, p_query_id uuid) returns text
language plpgsql volatile set search_path = '' as $$
begin
  if not exists (select from public.queries q join public.customers c on c.id = q.customer_id
                 where q.id = p_query_id and c.user_id = p_user_id and c.is_active) then
    return 'not_found';
  end if;
  return private.move_query_v1(p_query_id, 'closed');
end $$;

-- Maintenance (see 0800): escalates what waits and must be redressed within a week.
create function private.escalate_queries_v1(p_now timestamptz, p_after text, p_limit integer)
returns table (done integer, walked_to text)
language sql volatile set search_path = '' as $$
  with due as (
    select id from public.queries
    where status in ('open', 'in_progress') and redress_due_at < p_now + interval '7 days'
      and id > coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000')
    order by id limit p_limit for no key update skip locked),
  escalated as (
    update public.queries q set status = 'escalated' from due where q.id = due.id returning 1)
  select (select count(*) from escalated)::integer, (select id::text from due order by id desc limit 1)
$$;

-- ---------------------------------------------------------------------------------------------

revoke execute on function
  app.open_query_v1(text, uuid, uuid, text, text, text),
  app.queries_of_v1(text, timestamptz, uuid, timestamptz, uuid, integer),
  app.reply_to_query_v1(text, uuid, uuid, text),
  app.support_queries_v1(text, timestamptz, text, boolean, boolean, text, timestamptz, uuid, integer),
  app.support_query_v1(text, timestamptz, uuid), app.support_counts_v1(text, timestamptz),
  private.queries_by_digits(text),
  private.locked_query_status(uuid), private.assign_query_v1(uuid, uuid),
  private.answer_query_v1(uuid, uuid, text), private.move_query_v1(uuid, text),
  private.rate_query_v1(uuid, text), private.note_on_query_v1(uuid, uuid, text),
  private.close_query_of_v1(uuid, uuid), private.escalate_queries_v1(timestamptz, text, integer)
  from public, anon, authenticated;
grant execute on function
  app.open_query_v1(text, uuid, uuid, text, text, text),
  app.queries_of_v1(text, timestamptz, uuid, timestamptz, uuid, integer),
  app.reply_to_query_v1(text, uuid, uuid, text),
  app.support_queries_v1(text, timestamptz, text, boolean, boolean, text, timestamptz, uuid, integer),
  app.support_query_v1(text, timestamptz, uuid), app.support_counts_v1(text, timestamptz)
  to livecommerce_api;
grant execute on function private.queries_by_digits(text) to authenticated;
grant execute on function
  private.locked_query_status(uuid), private.assign_query_v1(uuid, uuid),
  private.answer_query_v1(uuid, uuid, text), private.move_query_v1(uuid, text),
  private.rate_query_v1(uuid, text), private.note_on_query_v1(uuid, uuid, text),
  private.close_query_of_v1(uuid, uuid), private.escalate_queries_v1(timestamptz, text, integer)
  to service_role;

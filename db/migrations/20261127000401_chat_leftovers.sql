-- What was answered may still be taken out of the replay; what is gone is not pinned; who has not paid has
-- not ordered; reactions are counted by their kind; and what chats leave behind goes after its time.

-- Moves a question on; whoever calls has seen to it that p_user_id may. p_status: picked | answered |
-- dismissed. The one that was picked before counts as answered. The same again changes nothing.
-- What has left the queue does not come back to it; what was answered may still be dismissed, so that the
-- replay does not show it.
-- Returns {outcome, ...}: moved {question} | not_found | closed {status}
create or replace function private.move_question_v1(
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
  elsif v_question.status = 'answered' and p_status = 'dismissed' then
    null;
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

-- Keeps a message on top of the chat; NULL for none.
-- {outcome: ok | forbidden | no_session | not_found}
create or replace function private.pin_chat_message_v1(p_live_session_id uuid, p_by uuid, p_message jsonb)
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
           or (t.message_id is null
               and (t.user_id is null or t.user_id = (p_message ->> 'author_id')::uuid)
               and (p_message ->> 'sent_at_ms')::bigint <= extract(epoch from t.buried_at) * 1000)))
     or (p_message is not null and exists (
       select from public.live_session_chat h
       where h.id = (p_message ->> 'id')::uuid and h.live_session_id = p_live_session_id
         and h.is_deleted)) then
    -- Taken away meanwhile, or only few may see it.
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

-- Whether a line of an order still stands: it was neither called off nor left unpaid.
create function private.is_bought_v1(o public.orders, i public.order_items) returns boolean
language sql immutable set search_path = '' as $$
  select o.status <> 'cancelled' and i.quantity > i.quantity_cancelled
         and (o.payment_method = 'cod' or o.payment_status not in ('pending', 'failed'))
$$;

-- Whether a customer has done what a giveaway needs.
create or replace function private.may_enter(p_needs text, p_live_session_id uuid, p_user_id uuid)
returns boolean
language sql stable set search_path = '' as $$
  select case p_needs
    when 'follow' then exists (
      select from public.follows f join public.live_sessions l on l.influencer_id = f.influencer_id
      where l.id = p_live_session_id and f.user_id = p_user_id)
    when 'order' then exists (
      select from public.orders o
      join public.customers c on c.id = o.customer_id
      join public.order_items i on i.order_id = o.id and i.live_session_id = p_live_session_id
      where c.user_id = p_user_id and o.status <> 'refunded' and private.is_bought_v1(o, i))
    else true end
$$;

-- Of these accounts: who follows the influencer, and who has ordered something in her live sessions that
-- was not cancelled.
create or replace function private.chat_standings_v1(p_influencer_id uuid, p_user_ids uuid[])
returns table (user_id uuid, is_follower boolean, is_buyer boolean)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
  select u.id,
         exists (select from public.follows f
                 where f.user_id = u.id and f.influencer_id = p_influencer_id),
         exists (select from public.customers c
                 join public.orders o on o.customer_id = c.id
                 join public.order_items i on i.order_id = o.id
                 where c.user_id = u.id and i.influencer_id = p_influencer_id
                   and private.is_bought_v1(o, i))
  from unnest(p_user_ids) u (id);
end $$;

-- The figures of a live session, for its influencer and for admins; NULL for others.
create or replace function private.live_session_figures_for_v1(p_live_session_id uuid, p_minutes integer)
returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_live public.live_sessions;
begin
  select l.* into v_live from public.live_sessions l
  where l.id = p_live_session_id
    and (l.influencer_id = (select private.my_influencer_id()) or (select private.is_admin()));
  if not found then
    return null;
  end if;
  return jsonb_build_object(
    'joins', v_live.total_joins,
    'peak_viewers', v_live.peak_viewers,
    'unique_viewers', v_live.total_unique_viewers,
    'unique_customers', (
      select count(distinct v.user_id) from public.live_session_viewers v
      where v.live_session_id = p_live_session_id and v.viewer_type = 'customer'),
    'watch_time_ms', (
      select coalesce(sum(a.watch_time_ms), 0)::bigint from public.live_session_analytics a
      where a.live_session_id = p_live_session_id and a.period_type = 'day'),
    'messages', v_live.total_messages,
    'reactions', v_live.total_reactions,
    'products', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'product_id', s.product_id, 'name', p.name,
               'translations', private.product_texts_v1(s.product_id),
               'shown', coalesce(m.shown, 0), 'clicked', s.clicks,
               'added_to_cart', coalesce(m.added_to_cart, 0), 'ordered', coalesce(o.orders, 0))
               order by s.display_order, s.created_at, s.product_id), '[]')
      from public.live_session_products s
      join public.products p on p.id = s.product_id
      left join (
        select m.product_id, sum(m.shown)::integer as shown,
               sum(m.added_to_cart)::integer as added_to_cart
        from private.product_minutes m where m.live_session_id = p_live_session_id
        group by m.product_id) m on m.product_id = s.product_id
      left join (
        select i.product_id, count(distinct i.order_id)::integer as orders
        from public.order_items i join public.orders o on o.id = i.order_id
        where i.live_session_id = p_live_session_id and private.is_bought_v1(o, i)
        group by i.product_id) o on o.product_id = s.product_id
      where s.live_session_id = p_live_session_id),
    'minutes', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'at_ms', (extract(epoch from a.period_start) * 1000)::bigint,
               'joins', a.viewers_joined, 'peak_viewers', a.peak_concurrent_viewers,
               'average_viewers', a.average_concurrent_viewers, 'watch_time_ms', a.watch_time_ms,
               'messages', a.messages_sent, 'reactions', a.reactions_sent,
               'clicks', a.products_clicked) order by a.period_start), '[]')
      from (
        select * from public.live_session_analytics a
        where a.live_session_id = p_live_session_id and a.period_type = 'minute'
        order by a.period_start desc limit p_minutes) a));
end $$;

-- The way to an order of one product, by the minute, oldest first; no row for whom it is not for.
create or replace function private.product_minutes_for_v1(
  p_live_session_id uuid, p_product_id uuid, p_minutes integer)
returns table (at_ms bigint, shown integer, clicked integer, added_to_cart integer, ordered integer)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  if not exists (
    select from public.live_sessions l
    where l.id = p_live_session_id
      and (l.influencer_id = (select private.my_influencer_id()) or (select private.is_admin()))) then
    return;
  end if;
  return query
  select newest.* from (
    select (extract(epoch from f.minute) * 1000)::bigint as at, sum(f.shown)::integer,
           sum(f.clicked)::integer, sum(f.added_to_cart)::integer, sum(f.ordered)::integer
  from (
    select m.minute, m.shown, m.clicked, m.added_to_cart, 0 as ordered
    from private.product_minutes m
    where m.live_session_id = p_live_session_id and m.product_id = p_product_id
    union all
    select date_trunc('minute', o.created_at), 0, 0, 0, 1
    from public.order_items i join public.orders o on o.id = i.order_id
    where i.live_session_id = p_live_session_id and i.product_id = p_product_id
      and private.is_bought_v1(o, i)
    group by o.id) f
    group by f.minute order by f.minute desc limit p_minutes) newest
  order by newest.at;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Reactions by their kind

create table private.live_session_reactions (
  live_session_id uuid not null references public.live_sessions on delete cascade,
  kind text not null check (length(kind) between 1 and 20),
  total bigint not null default 0 check (total >= 0),
  primary key (live_session_id, kind)
);
comment on table private.live_session_reactions is 'how often viewers tapped which reaction';
alter table private.live_session_reactions enable row level security;
revoke all on private.live_session_reactions from public, anon, authenticated, service_role;
grant select, insert, update, delete on private.live_session_reactions to service_role;
create policy service on private.live_session_reactions for all to service_role
  using (true) with check (true);

create function private.live_session_figures_for_v2(p_live_session_id uuid, p_minutes integer)
returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  -- NULL where the figures are not for who asks.
  return private.live_session_figures_for_v1(p_live_session_id, p_minutes) || jsonb_build_object(
    'reactions_by_kind', coalesce((
      select jsonb_object_agg(r.kind, r.total) from private.live_session_reactions r
      where r.live_session_id = p_live_session_id), '{}'));
end $$;

create function app.live_session_figures_v2(
  claims text, p_live_session_id uuid, p_minutes integer) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return private.live_session_figures_for_v2(p_live_session_id, p_minutes);
end $$;

-- ---------------------------------------------------------------------------------------------
-- What chats leave behind. The rest of it is deleted by db/queries/maintenance.sql.

-- Nobody else may delete acts, the program included.
create function private.expire_moderation_acts_v1(
  p_now timestamptz, p_after text, p_limit integer, p_days integer)
returns table (done integer, walked_to text)
language sql volatile security definer set search_path = '' as $$
  with due as (
    select a.id from private.moderation_acts a
    where a.acted_at < p_now - make_interval(days => greatest(p_days, 30))
      and a.id > coalesce(p_after::bigint, 0)
    order by a.id limit p_limit for update skip locked),
  gone as (delete from private.moderation_acts a using due where a.id = due.id returning 1)
  select (select count(*) from gone)::integer, (select id::text from due order by id desc limit 1)
$$;

revoke execute on function
  private.is_bought_v1(public.orders, public.order_items),
  private.live_session_figures_for_v2(uuid, integer),
  private.expire_moderation_acts_v1(timestamptz, text, integer, integer)
  from public, anon, authenticated;
grant execute on function private.live_session_figures_for_v2(uuid, integer)
  to authenticated, service_role;
grant execute on function
  private.is_bought_v1(public.orders, public.order_items),
  private.expire_moderation_acts_v1(timestamptz, text, integer, integer)
  to service_role;
revoke execute on function app.live_session_figures_v2(text, uuid, integer)
  from public, anon, authenticated, service_role;
grant execute on function app.live_session_figures_v2(text, uuid, integer) to livecommerce_api;

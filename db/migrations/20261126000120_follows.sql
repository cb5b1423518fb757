-- Following an influencer: who follows hears of it on all connections.

create function private.tell_of_follow() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.outbox (topic, live_session_id, payload)
  select 'follow.changed', null, jsonb_build_object(
    'user_id', f.user_id, 'influencer_id', f.influencer_id, 'is_following', tg_op = 'INSERT')
  from changed f;
  return null;
end $$;
create trigger told_of_follow after insert on public.follows referencing new table as changed
  for each statement execute function private.tell_of_follow();
create trigger told_of_unfollow after delete on public.follows referencing old table as changed
  for each statement execute function private.tell_of_follow();
revoke execute on function private.tell_of_follow() from public, anon, authenticated;

-- Follows an influencer, or no more. {outcome: ok | not_found | self, is_following, followers}; followers
-- is null where they are not shown.
create function app.follow_v1(claims text, p_influencer_id uuid, p_is_following boolean) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  if not exists (select from public.public_profiles p
                 where p.id = p_influencer_id and p.kind = 'influencer') then
    return jsonb_build_object('outcome', 'not_found');
  elsif p_influencer_id = (select private.my_influencer_id()) then
    return jsonb_build_object('outcome', 'self');
  end if;
  if p_is_following then
    insert into public.follows (user_id, influencer_id)
    values ((select auth.uid()), p_influencer_id) on conflict do nothing;
  else
    delete from public.follows f
    where f.user_id = (select auth.uid()) and f.influencer_id = p_influencer_id;
  end if;
  return (
    select jsonb_build_object(
      'outcome', 'ok',
      'is_following', exists (select from public.follows f
                              where f.user_id = (select auth.uid()) and f.influencer_id = p.id),
      'followers', p.followers_count)
    from public.public_profiles p where p.id = p_influencer_id and p.kind = 'influencer');
end $$;

-- Whether the person follows; null when there is no such influencer.
create function app.following_v1(claims text, p_influencer_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return (
    select jsonb_build_object(
      'outcome', 'ok',
      'is_following', exists (select from public.follows f
                              where f.user_id = (select auth.uid()) and f.influencer_id = p.id),
      'followers', p.followers_count)
    from public.public_profiles p where p.id = p_influencer_id and p.kind = 'influencer');
end $$;

-- Of these accounts: who follows the influencer, and who has ordered something in her live sessions that
-- was not cancelled.
create function private.chat_standings_v1(p_influencer_id uuid, p_user_ids uuid[])
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
                   and o.status <> 'cancelled' and i.quantity > i.quantity_cancelled
                   and (o.payment_method = 'cod' or o.payment_status <> 'pending'))
  from unnest(p_user_ids) u (id);
end $$;

revoke execute on function private.chat_standings_v1(uuid, uuid[]) from public, anon, authenticated;
grant execute on function private.chat_standings_v1(uuid, uuid[]) to service_role;
revoke execute on function app.follow_v1(text, uuid, boolean), app.following_v1(text, uuid)
  from public, anon, authenticated, service_role;
grant execute on function app.follow_v1(text, uuid, boolean), app.following_v1(text, uuid) to livecommerce_api;

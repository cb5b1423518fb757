-- An influencer says for each live session whether messages in its chat claim products.

-- What is dropped had one caller, which moves on in the same release.
-- squawk-ignore-file ban-drop-function

alter table public.live_sessions add column takes_claims boolean not null default true;
comment on column public.live_sessions.takes_claims is 'whether a message such as SOLD A1 in its chat claims a product';

drop function app.live_sessions_of_v2(text, uuid, integer);

-- An influencer's own live sessions with the ids of their products in display order, newest first; all,
-- or the one with this id.
create function app.live_sessions_of_v3(claims text, p_live_session_id uuid, p_limit integer)
returns table (id uuid, title text, description text, status text, visibility text,
               scheduled_start_time timestamptz, actual_start_time timestamptz, end_time timestamptz,
               influencer_id uuid, influencer_name text, product_ids uuid[], hold_policy text,
               hold_ttl_s integer, takes_claims boolean)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  perform app.act_as_v1(claims);
  return query
  select l.id, l.title::text, coalesce(l.description, ''), l.status::text, l.visibility::text,
         l.scheduled_start_time, l.actual_start_time, l.end_time, l.influencer_id, i.name::text,
         array(select s.product_id from public.live_session_products s
               where s.live_session_id = l.id
               order by s.display_order, s.created_at, s.product_id),
         l.hold_policy::text, l.hold_ttl_s, l.takes_claims
  from public.live_sessions l
  join public.public_profiles i on i.id = l.influencer_id
  where l.influencer_id = (select private.my_influencer_id())
    and (p_live_session_id is null or l.id = p_live_session_id)
  order by l.created_at desc, l.id desc
  limit p_limit;
end $$;

-- Who waits on the page of the live session is shown what holds now.
create trigger told_of_claims after update of takes_claims on public.live_sessions
  for each row when (old.takes_claims is distinct from new.takes_claims)
  execute function private.tell_of_change();

revoke execute on function app.live_sessions_of_v3(text, uuid, integer)
  from public, anon, authenticated, service_role;
grant execute on function app.live_sessions_of_v3(text, uuid, integer) to livecommerce_api;

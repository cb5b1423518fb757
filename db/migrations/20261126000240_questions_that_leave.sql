-- When questions leave the queue by themselves: their author is banned, or the live session is over.

-- Whoever is banned takes their questions along, as they do what they said in the chat.
create function private.drop_questions_of_banned() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_told jsonb;
begin
  perform pg_advisory_xact_lock(
    hashtextextended('livecommerce.questions:' || new.live_session_id::text, 0));
  perform from private.questions
  where live_session_id = new.live_session_id and author_id = new.user_id and closed_at is null
  order by id for no key update;
  with dropped as (
    update private.questions q
    set status = 'dismissed', closed_at = now(), revision = q.revision + 1,
        told_revision = q.revision + 1
    where q.live_session_id = new.live_session_id and q.author_id = new.user_id
      and q.closed_at is null
    returning private.question_json_of(q) as question)
  select jsonb_agg(question) into v_told from dropped;
  if v_told is not null then
    perform private.tell_questions(new.live_session_id, v_told);
  end if;
  -- Nor does the replay show what was answered.
  update private.questions set status = 'dismissed'
  where live_session_id = new.live_session_id and author_id = new.user_id and status = 'answered';
  return null;
end $$;
create trigger questions_dropped after insert or update on private.chat_tombstones
  for each row when (new.user_id is not null and new.message_id is null)
  execute function private.drop_questions_of_banned();

-- With the live session its queue is over, too; the question that was being answered counts as answered.
create function private.end_questions_of_session() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_told jsonb;
begin
  perform pg_advisory_xact_lock(hashtextextended('livecommerce.questions:' || new.id::text, 0));
  perform from private.questions where live_session_id = new.id and closed_at is null
  order by id for no key update;
  with ended as (
    update private.questions q
    set status = case q.status when 'picked' then 'answered' else 'dismissed' end,
        closed_at = now(), revision = q.revision + 1, told_revision = q.revision + 1
    where q.live_session_id = new.id and q.closed_at is null
    returning private.question_json_of(q) as question)
  select jsonb_agg(question) into v_told from ended;
  if v_told is not null then
    perform private.tell_questions(new.id, v_told);
  end if;
  return null;
end $$;
create trigger questions_over after update of status on public.live_sessions
  for each row when (old.status is distinct from new.status
                     and new.status in ('ended', 'cancelled', 'error'))
  execute function private.end_questions_of_session();

revoke execute on function private.drop_questions_of_banned(), private.end_questions_of_session()
  from public, anon, authenticated;
grant execute on function private.drop_questions_of_banned(), private.end_questions_of_session()
  to service_role;

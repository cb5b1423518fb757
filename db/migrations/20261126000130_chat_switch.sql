-- Whether there is a chat is said at the live session. In a file of its own: whoever places an order
-- opens that table.

-- Whoever turns a chat off or on, by whatever way: the hubs hear of it.
create function private.tell_of_chat() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.outbox (topic, live_session_id, payload) values (
    'chat.configured', new.id,
    jsonb_build_object('settings', private.chat_settings_json_v1(new.id)));
  return null;
end $$;
create trigger told_of_chat after update of is_chat_enabled on public.live_sessions
  for each row when (old.is_chat_enabled is distinct from new.is_chat_enabled)
  execute function private.tell_of_chat();

revoke execute on function private.tell_of_chat() from public, anon, authenticated;

-- A media process carries this live session no more; nothing when another carries it meanwhile.
-- KEYS: source of the live session. ARGV: source. Returns 1 when that was the current one.
if redis.call('HGET', KEYS[1], 'source') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'available', 0)
return 1

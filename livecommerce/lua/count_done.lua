-- Forget the batches that Postgres holds, and let their sources know.
-- KEYS: batches, sources (see count_batch). ARGV: seconds to remember sources, then source and the
-- newest of its numbers in Postgres. Whatever was done before changes nothing when it is done again.
local held = {}
for i = 2, #ARGV, 2 do
  local source, number = ARGV[i], tonumber(ARGV[i + 1])
  held[source] = number
  if number > tonumber(redis.call('HGET', KEYS[2], source .. ':flushed') or 0) then
    redis.call('HSET', KEYS[2], source .. ':flushed', number)
  end
end
local bytes = tonumber(redis.call('HGET', KEYS[2], 'bytes') or 0)
local batch = redis.call('LINDEX', KEYS[1], 0)
while batch do
  local source, number = string.match(batch, '^([^|]+)|(%d+)|')
  if tonumber(number) > (held[source] or 0) then
    break
  end
  bytes = bytes - #batch
  redis.call('LPOP', KEYS[1])
  batch = redis.call('LINDEX', KEYS[1], 0)
end
redis.call('HSET', KEYS[2], 'bytes', math.max(0, bytes))
redis.call('EXPIRE', KEYS[2], ARGV[1])
return redis.call('LLEN', KEYS[1])

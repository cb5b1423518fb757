-- Where a live session's bus stands, starting it when nothing was said yet.
-- KEYS: meta, stream. ARGV: an epoch to start with, seconds to keep.
-- Returns "epoch|offset". Calling it again changes nothing.
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  epoch = ARGV[1]
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'offset', 0)
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return epoch .. '|' .. redis.call('HGET', KEYS[1], 'offset')

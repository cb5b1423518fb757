-- Append one event to a live session's bus and tell every process, in one step.
-- KEYS: meta, stream, seen (names the publish id).
-- ARGV: an epoch to start with, body, channel, stream length, seconds to keep, seconds to remember ids.
-- Returns "epoch|offset|1", or, when this publish id was appended before, "epoch|offset|0" of then.
local position = redis.call('GET', KEYS[3])
if position then
  return position .. '|0'
end
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  epoch = ARGV[1]
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'epoch', epoch)
end
local offset = redis.call('HINCRBY', KEYS[1], 'offset', 1)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], offset .. '-1', 'e', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('EXPIRE', KEYS[2], ARGV[5])
position = epoch .. '|' .. offset
redis.call('SET', KEYS[3], position, 'EX', ARGV[6])
redis.call('SPUBLISH', ARGV[3], position .. '|' .. ARGV[2])
return position .. '|1'

-- Append one event to a live session's bus and tell every process, in one step.
-- KEYS: meta, stream, seen (names the publish id).
-- ARGV: an epoch to start with, body, channel, stream length, seconds to keep, seconds to remember ids.
-- Returns "epoch|offset|1", or, when this publish id was appended before, "epoch|offset|0" of then.
-- An event's mark stands for it and for all that came before it: who knows the mark of one offset can
-- tell whether Redis still holds what it has told (see bus_since).
local position = redis.call('GET', KEYS[3])
if position then
  return position .. '|0'
end
local known = redis.call('HMGET', KEYS[1], 'epoch', 'mark')
local epoch, before = known[1], known[2] or ''
if not epoch then
  local info = redis.pcall('INFO', 'server')
  local server = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
  epoch, before = ARGV[1], ''
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'server', server)
end
local mark = string.sub(redis.sha1hex(before .. ARGV[2]), 1, 16)
local offset = redis.call('HINCRBY', KEYS[1], 'offset', 1)
redis.call('HSET', KEYS[1], 'mark', mark)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], offset .. '-1', 'e', ARGV[2], 'm', mark)
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('EXPIRE', KEYS[2], ARGV[5])
position = epoch .. '|' .. offset
redis.call('SET', KEYS[3], position, 'EX', ARGV[6])
redis.call('SPUBLISH', ARGV[3], position .. '|' .. before .. '|' .. mark .. '|' .. ARGV[2])
return position .. '|1'

-- Where a live session's bus stands, starting it when nothing was said yet.
-- KEYS: meta, stream. ARGV: an epoch to start with, seconds to keep.
-- Returns "epoch|offset|mark". Calling it again changes nothing.
-- A server that was started since, or another one, may have lost the latest: nobody who stood there
-- may go on from there by the number alone, so another epoch begins.
local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
local known = redis.call('HMGET', KEYS[1], 'epoch', 'server')
local epoch = known[1]
if not epoch then
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[1], 'offset', 0)
end
if not epoch or known[2] ~= server then
  epoch = ARGV[1]
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'server', server)
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
known = redis.call('HMGET', KEYS[1], 'offset', 'mark')
return epoch .. '|' .. known[1] .. '|' .. (known[2] or '')

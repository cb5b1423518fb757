-- One process says how many viewers it has, and learns how many there are in all.
-- KEYS: viewers, their sum for readers. ARGV: process, its count, seconds after which a silent process counts no more.
-- The clock is Redis's own, so that the processes' clocks need not agree; one that was set back makes
-- no report last longer. Who has nobody is not kept.
local now = tonumber(redis.call('TIME')[1])
if tonumber(ARGV[2]) > 0 then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. now)
  redis.call('EXPIRE', KEYS[1], ARGV[3] * 2)
else
  redis.call('HDEL', KEYS[1], ARGV[1])
end
local sum = 0
local entries = redis.call('HGETALL', KEYS[1])
for i = 1, #entries, 2 do
  local count, at = string.match(entries[i + 1], '^(%d+):(%d+)$')
  if math.abs(now - at) > tonumber(ARGV[3]) then
    redis.call('HDEL', KEYS[1], entries[i])
  else
    sum = sum + count
  end
end
redis.call('SET', KEYS[2], sum, 'EX', ARGV[3])
return sum

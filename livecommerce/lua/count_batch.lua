-- Add one process's counts of a second, once.
-- KEYS: current counts, seen (names the batch). ARGV: seconds to remember the batch, then pairs
-- field, value. "peak" keeps the greatest, every other number the sum; a record (JSON) is kept as it is.
-- Returns 1, or 0 when this batch was added before.
if not redis.call('SET', KEYS[2], 1, 'NX', 'EX', ARGV[1]) then
  return 0
end
for i = 2, #ARGV, 2 do
  local field, number = ARGV[i], tonumber(ARGV[i + 1])
  if not number then
    redis.call('HSET', KEYS[1], field, ARGV[i + 1])
  elseif field == 'peak' then
    local peak = tonumber(redis.call('HGET', KEYS[1], field) or 0)
    if number > peak then
      redis.call('HSET', KEYS[1], field, number)
    end
  else
    redis.call('HINCRBY', KEYS[1], field, number)
  end
end
return 1

-- Cut off what was counted so far as a batch.
-- KEYS: current counts, the batch, pending. ARGV: the batch's id.
-- Returns 1, or 0 when nothing was counted. A batch that exists is never overwritten.
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('EXISTS', KEYS[2]) == 1 then
  return 0
end
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('SADD', KEYS[3], ARGV[1])
return 1

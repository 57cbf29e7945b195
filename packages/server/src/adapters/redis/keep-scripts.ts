import { createHash } from 'node:crypto'

/** A Lua script and the SHA-1 by which Redis knows it (EVALSHA). */
export interface Script {
  readonly text: string
  readonly sha1: string
}

function script(text: string): Script {
  return { text, sha1: createHash('sha1').update(text).digest('hex') }
}

// KEYS: value, index, expiring, counter. ARGV: prefix of values, key, then the script's own.
// The counter begins at the time in µs, so that numbers rise also when Redis comes back empty.
const shared = `
local function next_number()
  if redis.call('EXISTS', KEYS[4]) == 0 then
    local time = redis.call('TIME')
    redis.call('SET', KEYS[4], time[1] .. string.format('%06d', time[2]))
  end
  return string.format('%.0f', redis.call('INCR', KEYS[4]))
end
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function sweep()
  local due = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now(), 'LIMIT', 0, 16)
  for _, key in ipairs(due) do
    if redis.call('EXISTS', ARGV[1] .. key) == 0 then
      redis.call('ZREM', KEYS[2], key)
      redis.call('ZREM', KEYS[3], key)
    end
  end
end
local function expire(ttl)
  if ttl == '' then
    redis.call('PERSIST', KEYS[1])
    redis.call('ZREM', KEYS[3], ARGV[2])
  else
    redis.call('PEXPIRE', KEYS[1], ttl)
    redis.call('ZADD', KEYS[3], string.format('%.0f', now() + tonumber(ttl)), ARGV[2])
  end
end
local function store(value, ttl)
  sweep()
  local version = next_number()
  redis.call('HSET', KEYS[1], 'value', value, 'version', version)
  redis.call('ZADD', KEYS[2], 0, ARGV[2])
  if ttl ~= nil then expire(ttl) end
  return version
end
`

/** ARGV: value, ttl or ''. */
export const putScript = script(`${shared} return store(ARGV[3], ARGV[4])`)

/** ARGV: value, ttl or '', expected version or ''. */
export const compareAndSetScript = script(`${shared}
local version = redis.call('HGET', KEYS[1], 'version') or ''
if version ~= ARGV[5] then return false end
return store(ARGV[3], ARGV[4])`)

/** ARGV: by, ttl or ''. Lua's numbers are doubles: exact to 2^53, and nothing beyond is let in. */
export const incrementScript = script(`${shared}
local value = redis.call('HGET', KEYS[1], 'value')
local sum = tonumber(ARGV[3])
if value then
  local whole = value == '0' or (string.match(value, '^%-?[1-9]%d*$') and #value <= 17)
  if not whole or math.abs(tonumber(value)) > 9007199254740991 then return false end
  sum = tonumber(value) + sum
  if math.abs(sum) > 9007199254740991 then return false end
end
local text = string.format('%.0f', sum)
if value then store(text, nil) else store(text, ARGV[4]) end
return text`)

/** ARGV: expected version or ''. */
export const deleteScript = script(`${shared}
local version = redis.call('HGET', KEYS[1], 'version')
if not version or (ARGV[3] ~= '' and version ~= ARGV[3]) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('ZREM', KEYS[3], ARGV[2])
return 1`)

/**
 * ARGV: lower bound, upper bound (of ZRANGEBYLEX), limit, most to look at. Answers [how many were looked at, the last
 * one, then key, value, version each]. What expired is taken out of the index on the way.
 */
export const scanScript = script(`
local keys = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[3], ARGV[4], 'LIMIT', 0, ARGV[6])
local out = { 0, '' }
local found = 0
for place, key in ipairs(keys) do
  if found == tonumber(ARGV[5]) then break end
  local item = redis.call('HMGET', ARGV[1] .. key, 'value', 'version')
  if item[1] then
    found = found + 1
    table.insert(out, key)
    table.insert(out, item[1])
    table.insert(out, item[2])
  else
    redis.call('ZREM', KEYS[2], key)
    redis.call('ZREM', KEYS[3], key)
  end
  out[1] = place
  out[2] = key
end
return out`)

/** KEYS[1]: the lease. ARGV: holder, ttl. */
export const leaseScript = script(`${shared}
local holder = redis.call('HGET', KEYS[1], 'holder')
if holder and holder ~= ARGV[3] then return false end
local token = next_number()
redis.call('HSET', KEYS[1], 'holder', ARGV[3], 'token', token)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return token`)

/** KEYS[1]: the lease. ARGV: token, ttl. */
export const renewScript = script(`
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[3] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[4])`)

/** KEYS[1]: the lease. ARGV: token. */
export const releaseScript = script(`
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[3] then return 0 end
return redis.call('DEL', KEYS[1])`)

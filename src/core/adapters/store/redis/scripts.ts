/**
 * What changes the store runs as one script on the server, so that it happens as a whole or not at all, and in one order for everybody.
 * A script can arrive twice: the client sends again what had no answer when a connection broke. So each change carries the id of its attempt,
 * and its first answer is kept for an hour under that id (`KEYS` names it `attempt`).
 */

/** How long the answer of an attempt is kept, seconds: longer than any client tries again. */
const attemptSeconds = 3600;

const now = `local function now(given) if given ~= '' then return tonumber(given) end; local t = redis.call('TIME'); return t[1] * 1000 + math.floor(t[2] / 1000) end `;

const remember = (answer: string): string => `redis.call('SET', attempt, ${answer}, 'EX', ${attemptSeconds}) `;

/** Order of KEYS: events, head, versions of the stream, commands of the stream, lease, attempt. Then ARGV as read here. */
export const appendScript = `${now}
local events, head, versions, commands, lease, attempt = unpack(KEYS)
local stream, expected, command, token, clock = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local again = redis.call('GET', attempt)
if again then return {'done', again} end
if command ~= '' then
  local first = redis.call('HGET', commands, command)
  if first then return {'duplicate', first} end
end
if token ~= '' then
  local current = redis.call('HGET', lease, 'token') or '0'
  if current ~= token then return {'fenced', current} end
end
local version = redis.call('LLEN', versions)
if expected ~= '' and tonumber(expected) ~= version then return {'conflict', tostring(version)} end
local position = tonumber(redis.call('GET', head) or '0')
local at = now(clock)
for i = 6, #ARGV, 2 do
  version, position = version + 1, position + 1
  redis.call('XADD', events, string.format('%d-0', position), 's', stream, 'v', version, 't', ARGV[i], 'a', string.format('%d', at), 'd', ARGV[i + 1])
  redis.call('RPUSH', versions, string.format('%d', position))
end
redis.call('SET', head, string.format('%d', position))
local place = string.format('%d %d', version, position)
if command ~= '' then redis.call('HSET', commands, command, place) end
${remember("place")}
return {'done', place}`;

/** Order of KEYS: events, versions of the stream. ARGV: version, most events. A version without a position was removed (`trimScript`). */
export const streamScript = `
local found, from, most = {}, tonumber(ARGV[1]), tonumber(ARGV[2])
while #found < most do
  local some = redis.call('LRANGE', KEYS[2], from, from + 999)
  for _, position in ipairs(some) do
    if position ~= '' then
      found[#found + 1] = redis.call('XRANGE', KEYS[1], position .. '-0', position .. '-0')[1]
      if #found >= most then return found end
    end
  end
  if #some < 1000 then return found end
  from = from + 1000
end
return found`;

/**
 * Order of KEYS: events, versions of the stream, commands of the stream, attempt. Removed versions stay in the list as empty texts: its length is the
 * version of the stream.
 */
export const trimScript = `
local events, versions, commands, attempt = unpack(KEYS)
local again = redis.call('GET', attempt)
if again then return {'done', again} end
local last, removed = redis.call('LLEN', versions), 0
for i = 1, last - 2, 500 do
  for _, position in ipairs(redis.call('LRANGE', versions, i, math.min(i + 499, last - 2))) do
    if position ~= '' then removed = removed + redis.call('XDEL', events, position .. '-0') end
  end
end
if removed > 0 then
  local first, newest = redis.call('LINDEX', versions, 0), redis.call('LINDEX', versions, -1)
  redis.call('DEL', versions)
  redis.call('RPUSH', versions, first)
  for _ = 1, last - 2 do redis.call('RPUSH', versions, '') end
  redis.call('RPUSH', versions, newest)
  local places = redis.call('HGETALL', commands)
  for i = 1, #places, 2 do
    local version = tonumber(string.match(places[i + 1], '^%d+'))
    if version > 1 and version < last then redis.call('HDEL', commands, places[i]) end
  end
end
${remember("string.format('%d', removed)")}
return {'done', string.format('%d', removed)}`;

/** A document is kept as \`REV:VALUE\`; a removed one leaves \`REV\`, so that revisions are not repeated. */
const revisions = `
local row = redis.call('HGET', docs, ARGV[1])
local live, last = 0, 0
if row then
  local colon = string.find(row, ':', 1, true)
  last = tonumber(string.sub(row, 1, (colon or 0) - 1))
  if colon then live = last end
end
`;

/** Order of KEYS: documents, their names, attempt, names of all collections. ARGV: key, revision, value, collection. */
export const putScript = `
local docs, names, attempt, collections = unpack(KEYS)
local again = redis.call('GET', attempt)
if again then return {'done', again} end
${revisions}
if live ~= tonumber(ARGV[2]) then return {'conflict', string.format('%d', live)} end
local rev = string.format('%d', last + 1)
redis.call('HSET', docs, ARGV[1], rev .. ':' .. ARGV[3])
redis.call('ZADD', names, 0, ARGV[1])
redis.call('SADD', collections, ARGV[4])
${remember("rev")}
return {'done', rev}`;

/** Order of KEYS: documents, their names, attempt. ARGV: key, revision. */
export const deleteScript = `
local docs, names, attempt = unpack(KEYS)
local again = redis.call('GET', attempt)
if again then return {'done', again} end
${revisions}
if live ~= tonumber(ARGV[2]) or live == 0 then return {'conflict', string.format('%d', live)} end
redis.call('HSET', docs, ARGV[1], string.format('%d', live))
redis.call('ZREM', names, ARGV[1])
${remember("'removed'")}
return {'done', 'removed'}`;

/** Order of KEYS: documents, their names. ARGV: prefix. Gives key, row, key, row ... in the order of the keys' UTF-8 bytes. */
export const listScript = `
local found = {}
local keys = redis.call('ZRANGEBYLEX', KEYS[2], '[' .. ARGV[1], '[' .. ARGV[1] .. '\\255')
for _, key in ipairs(keys) do
  found[#found + 1] = key
  found[#found + 1] = redis.call('HGET', KEYS[1], key)
end
return found`;

/**
 * Order of KEYS: lease, names of all leases. ARGV: owner, term in ms, clock, name, the highest token of it that the client has seen. The rules are those of the
 * embedded store's leases. A server that was emptied, or a replica that had not received the last grants, knows lower tokens than were given out: they go on
 * above what the client knows, so that nobody takes what was granted before for its own.
 */
export const acquireScript = `${now}
local lease, time, ttl = KEYS[1], now(ARGV[3]), tonumber(ARGV[2])
local row = redis.call('HMGET', lease, 'owner', 'token', 'ttl', 'expires')
local owner, token, expires = row[1] or '', tonumber(row[2] or '0'), tonumber(row[4] or '0')
if token < tonumber(ARGV[5]) then owner, token = '', tonumber(ARGV[5]) end
if owner ~= '' and owner ~= ARGV[1] and expires > time then
  if expires - time > tonumber(row[3]) then redis.call('HSET', lease, 'expires', string.format('%d', time + tonumber(row[3]))) end
  return {'held', ''}
end
if owner ~= ARGV[1] then token = token + 1 end
local ends = string.format('%d', time + ttl)
redis.call('SADD', KEYS[2], ARGV[4])
redis.call('HSET', lease, 'owner', ARGV[1], 'token', string.format('%d', token), 'ttl', string.format('%d', ttl), 'expires', ends)
return {'done', string.format('%d %s', token, ends)}`;

/** Order of KEYS: lease. ARGV: clock. Gives owner, token, end; nothing where nobody holds it. */
export const holderScript = `${now}
local row = redis.call('HMGET', KEYS[1], 'owner', 'token', 'expires')
if not row[1] or row[1] == '' or tonumber(row[3]) <= now(ARGV[1]) then return {} end
return row`;

/** Order of KEYS: lease. ARGV: owner, token. */
export const releaseScript = `
local row = redis.call('HMGET', KEYS[1], 'owner', 'token')
if row[1] == ARGV[1] and row[2] == ARGV[2] then redis.call('HSET', KEYS[1], 'owner', '', 'expires', '0') end
return {}`;

/**
 * Order of KEYS: log, attempt, names of all logs. ARGV: bytes, cap, the line that says that it was cut, name. Logs come from one process at a time.
 */
export const logScript = `
local log, attempt, names = unpack(KEYS)
if redis.call('GET', attempt) then return {} end
local size, cap = redis.call('STRLEN', log), tonumber(ARGV[2])
if size > cap then return {} end
redis.call('SADD', names, ARGV[4])
redis.call('APPEND', log, string.sub(ARGV[1], 1, cap - size))
if #ARGV[1] > cap - size then redis.call('APPEND', log, ARGV[3]) end
${remember("'kept'")}
return {}`;

/** Order of KEYS: names of all logs, attempt, and one more that says how logs begin. ARGV: how the names of the run's logs begin. */
export const forgetScript = `
local names, attempt, log = unpack(KEYS)
local again = redis.call('GET', attempt)
if again then return {'done', again} end
local removed = 0
for _, name in ipairs(redis.call('SMEMBERS', names)) do
  if string.sub(name, 1, #ARGV[1]) == ARGV[1] then
    redis.call('DEL', log .. ':' .. name)
    redis.call('SREM', names, name)
    removed = removed + 1
  end
end
${remember("string.format('%d', removed)")}
return {'done', string.format('%d', removed)}`;

/**
 * Puts records of a copy into an empty store. Order of KEYS: attempt, and one more that says how the others begin. ARGV: for each record its kind and
 * five texts. What happens twice, because an answer was lost, happens once.
 */
export const restoreScript = `
local attempt, prefix = KEYS[1], string.sub(KEYS[2], 1, -#':restore' - 1)
if redis.call('GET', attempt) then return {} end
local function key(...) return table.concat({prefix, ...}, ':') end
for i = 1, #ARGV, 7 do
  local kind, a, b, c, d, e, f = unpack(ARGV, i, i + 6)
  if kind == 'event' then
    redis.call('XADD', key('events'), a .. '-0', 's', b, 'v', c, 't', d, 'a', e, 'd', f)
    for _ = redis.call('LLEN', key('stream', b)) + 2, tonumber(c) do redis.call('RPUSH', key('stream', b), '') end
    redis.call('RPUSH', key('stream', b), a)
    redis.call('SET', key('head'), a)
  elseif kind == 'command' then
    redis.call('HSET', key('commands', a), b, c .. ' ' .. d)
  elseif kind == 'document' then
    redis.call('HSET', key('docs', a), b, c)
    if string.find(c, ':', 1, true) then redis.call('ZADD', key('names', a), 0, b) end
    redis.call('SADD', key('collections'), a)
  elseif kind == 'lease' then
    redis.call('HSET', key('lease', a), 'owner', '', 'token', b, 'ttl', '0', 'expires', '0')
    redis.call('SADD', key('leases'), a)
  else
    redis.call('SET', key('log', a), b)
    redis.call('SADD', key('logs'), a)
  end
end
${remember("'done'")}
return {}`;

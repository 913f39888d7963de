"""How values lie in the store, and the scripts that change them.

A value that can be claimed is one string: a letter (live or used), the moment it expires as the caller's clock counts
(8 bytes), the length of the tombstone (2 bytes), the tombstone, the value. So an expired entry is known as one whatever
the server's clock says, and a `get` needs no script. Counters are `EXPIRY:COUNT`; a bucket is the moment when it is
empty again. Every script touches keys of one slot, names them all, and refuses before it writes or writes everything.
"""

import struct
from hashlib import sha1
from typing import Final

from idp.adapters.redis.connecting import pack
from idp.domain.values import dataclass
from idp.ports.clock import CLOCK_TOLERANCE

_HEADER: Final = struct.Struct(">cQH")
_LIVE: Final = b"L"
_USED: Final = b"U"
PREFIX: Final = "idp1"
"""Names this form. A release that stores another one takes another prefix and, for a while, reads both."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A value that can be claimed once, or what is left of it."""

    used: bool
    expires_at: int
    tombstone: str
    value: bytes

    def written(self) -> bytes:
        """The stored form."""
        left = self.tombstone.encode()
        return _HEADER.pack(_USED if self.used else _LIVE, self.expires_at, len(left)) + left + self.value


def read_entry(stored: bytes) -> Entry:
    """The entry that `stored` holds."""
    letter, expires_at, size = _HEADER.unpack_from(stored)
    start = _HEADER.size
    return Entry(letter == _USED, expires_at, stored[start : start + size].decode(), stored[start + size :])


def server_key(key: str) -> bytes:
    """The key as the server keeps it. The braces are the hash tag: the slot does not depend on the prefix."""
    return f"{PREFIX}:{{{key}}}".encode()


class Script:
    """A script, sent by its digest, or whole where the server does not know it yet."""

    def __init__(self, source: str) -> None:
        self._source = source.encode()
        self._digest = sha1(self._source, usedforsecurity=False).hexdigest().encode()

    def by_digest(self, keys: tuple[bytes, ...], *arguments: bytes | int) -> bytes:
        """The request that runs what the server knows."""
        return pack(b"EVALSHA", self._digest, len(keys), *keys, *arguments)

    def whole(self, keys: tuple[bytes, ...], *arguments: bytes | int) -> bytes:
        """The request that brings the script along."""
        return pack(b"EVAL", self._source, len(keys), *keys, *arguments)


CLAIM: Final = Script("""
local entry = redis.call('GET', KEYS[1])
if not entry then return nil end
local letter, expires_at, size = struct.unpack('>c1I8I2', entry)
if letter == 'L' and expires_at > tonumber(ARGV[1]) then
  local left = string.sub(entry, 12, 11 + size)
  redis.call('SET', KEYS[1], struct.pack('>c1I8I2', 'U', tonumber(ARGV[2]), size) .. left, 'PX', ARGV[3])
end
return entry
""")
"""Now, when the tombstone ends, its milliseconds: the entry as it was before, nil when there is none."""

REPLACE: Final = Script("""
local entry = redis.call('GET', KEYS[1])
if not entry then return 0 end
local letter, _, size = struct.unpack('>c1I8I2', entry)
if letter ~= 'L' or string.sub(entry, 12 + size) ~= ARGV[1] then return 0 end
local left = string.sub(entry, 12, 11 + size)
redis.call('SET', KEYS[1], struct.pack('>c1I8I2', 'L', tonumber(ARGV[3]), size) .. left .. ARGV[2], 'PX', ARGV[4])
return 1
""")
"""Expected, value, when it expires, its milliseconds: 1 when it was replaced."""

INCREMENT: Final = Script("""
local stored = redis.call('GET', KEYS[1])
-- What is no counter of this form is none: it expired before it was written.
local expires_at, count = string.match(stored or '', '^(%d+):(%d+)$')
if expires_at and tonumber(expires_at) > tonumber(ARGV[1]) then
  count = string.format('%d', tonumber(count) + 1)
  redis.call('SET', KEYS[1], expires_at .. ':' .. count, 'KEEPTTL')
  return tonumber(count)
end
redis.call('SET', KEYS[1], ARGV[2] .. ':1', 'PX', ARGV[3])
return 1
""")
"""Now, when a new counter expires, its milliseconds: the new count."""

TAKE: Final = Script(
    """
local now, slack = tonumber(ARGV[1]), tonumber(ARGV[2])
local emptied, wait = {}, 0
for number, key in ipairs(KEYS) do
  local interval, tolerance = tonumber(ARGV[1 + 2 * number]), tonumber(ARGV[2 + 2 * number])
  local at = tonumber(redis.call('GET', key) or now)
  -- Nobody empties a bucket further ahead than this, by a clock within the seconds that nodes may differ by; who wrote
  -- more had a clock that was fast.
  if at > now + tolerance + interval + CLOCK_TOLERANCE then at = now + tolerance end
  if at > now + tolerance then wait = math.max(wait, at - tolerance - now) end
  emptied[number] = math.max(at, now) + interval
end
if wait > 0 then return wait end
for number, key in ipairs(KEYS) do
  local left = (emptied[number] - now) * 1000 + slack
  redis.call('SET', key, string.format('%d', emptied[number]), 'PX', string.format('%d', left))
end
return 0
""".replace("CLOCK_TOLERANCE", str(CLOCK_TOLERANCE))
)
"""Now, slack in milliseconds, then interval and tolerance of each bucket: 0 when taken, else the seconds to wait."""

GIVE_BACK: Final = Script("""
for number, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then redis.call('DECRBY', key, ARGV[number]) end
end
return 0
""")
"""The interval of each bucket."""

REMEMBERS: Final = Script("""
local stored = redis.call('GET', KEYS[1])
if stored then
  local server, since = string.match(stored, '^(%w+) (%d+)$')
  if server == ARGV[1] then return tonumber(since) end
end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
return tonumber(ARGV[2])
""")
"""The server's own name for its process, now: since when that process has kept everything."""

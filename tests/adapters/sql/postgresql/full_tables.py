"""Tables with enough rows that an index is worth looking at, made by the server itself in a second."""

from tests.ports.samples import NOW

ROWS = 20_000

# What stands for what: the moment of the tests, an identifier of version 7, something that no other row has, and a
# moment of expiry with the week that its grant's identifier begins with. Every partition has its share, the default
# one too.
_WORDS = {
    "$week": "CASE WHEN n % 16 = 0 THEN '019d' ELSE lpad(to_hex($expiry / 604800), 4, '0') END",
    "$expiry": "($now + (n % 95) * 86400)",
    "$id": "lpad(to_hex(($now - 20000 + n) * 1000), 12, '0') || '7000' || lpad(to_hex(n), 16, '0')",
    "$old": "CASE WHEN n % 8 = 0 THEN '0' ELSE '' END",
    "$hash": "sha256(n::text::bytea)",
    "$now": f"{NOW}::bigint",
}

_STATEMENTS = r"""
INSERT INTO persons SELECT 'p' || $id, '\x01', '\x02', '\x01', '\x02', $now - n FROM numbers;
INSERT INTO accounts (account_id, person_id, kind, status, sessions_valid_from, always_ask, created_at)
    SELECT 'a' || $id, 'p' || $id, 'citizen', 'active', 0, 0, $now - n FROM numbers;
INSERT INTO identifiers SELECT $hash, 'a' || $id, 'personal_number', $now FROM numbers;
INSERT INTO authenticators SELECT 't' || $id, 'a' || $id, 'one_time_code', '\x03', 0, $now FROM numbers;
INSERT INTO passkeys
    SELECT 'k' || $id, 'a' || $id, $hash, '\x01', '\x02', 0, '', '', 1, 1, NULL, '\x03', $now, NULL FROM numbers;
INSERT INTO recovery_codes SELECT 'a' || $id, $hash, NULL FROM numbers;
INSERT INTO grants (grant_id, client_id, account_id, session_id, created_at, started_at, expires_at, "offline",
                    family_hash, turn_hash, generation, details)
    SELECT $week || $id, 'c' || n % 50, 'a' || $id, 's' || $id, $now - 9, $now - 9, $expiry, 1, $hash, $hash, 0,
           '\x7b7d' FROM numbers;
INSERT INTO ended_sessions SELECT $old || $id, $now + 3600 FROM numbers;
INSERT INTO revoked_access_tokens SELECT $old || $id, $now + 3600 FROM numbers;
INSERT INTO consents SELECT 'a' || $id, 'c' || n % 50, '[]', '[]', $now FROM numbers;
INSERT INTO consent_evidence SELECT 'e' || $id, 'a' || $id, 'c' || n % 50, $now - n, 'given', '[]', '[]' FROM numbers;
INSERT INTO outbox SELECT 'm' || $id, 'session_ended', 'c', 'a', 's', 0, $now - n, $now + n - 100 FROM numbers;
INSERT INTO audit_records
    SELECT 'main', n, ($now - n * 86400 / 200) * 1000, 'x', '\x7b7d', $hash, $hash FROM numbers;
INSERT INTO session_records
    SELECT 's' || $id, 'a' || $id, 'k' || n, 'chrome', 'windows', 'x', NULL, $now - n, $now + n FROM numbers;
INSERT INTO trusted_browsers SELECT 'b' || $id, 'a' || $id, 'chrome', 'windows', NULL, $now - n, $now + n FROM numbers;
INSERT INTO security_events SELECT 'e' || $id, 'a' || $id, $now - n, 'x', '{}', $now + n FROM numbers;
INSERT INTO past_sign_ins SELECT 'p' || $id, 'a' || $id, 'd' || n, 'n', NULL, $now - n, $now + n FROM numbers;
INSERT INTO security_alerts
    SELECT 'z' || $id, 'a' || $id, 'new_device', $now - n, NULL, NULL, NULL, $now + n FROM numbers;
INSERT INTO alert_messages SELECT 'm' || $id, 'z' || $id, 'a' || $id, 'email', NULL, 0, $now, $now + n FROM numbers;
INSERT INTO contact_changes
    SELECT 'c' || $id, 'a' || $id, 'email', NULL, $now - n, $now + n, NULL, $now + n FROM numbers;
INSERT INTO guardianships
    SELECT 'g' || $id, 'minor', 'p' || $id, 'p' || $id, '\x01', $now - n, $now - n, NULL, NULL, 0, $now + n
    FROM numbers;
INSERT INTO short_lived SELECT 'k' || n, '\x01', '', NULL, NULL, $now + n - 100 FROM numbers;
ANALYZE
"""


def _written_out(statement: str) -> str:
    for word, meaning in _WORDS.items():
        statement = statement.replace(word, meaning)
    return statement


FILL = tuple(map(_written_out, _STATEMENTS.split(";")))
"""To be run after the partitions were made, `numbers` being a temporary table of `n` from 1 on."""

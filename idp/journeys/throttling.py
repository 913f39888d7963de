"""Throttles that slow guessing down without ever shutting an owner out.

They are asked before any hashing. A try is taken before the secret is checked and given back when it was right, so that
fifty guesses at once count as fifty. A browser that signed in to this account before has a bucket of its own, which
nobody else can empty.
"""

from dataclasses import replace
from typing import Final

from idp.domain.ids import AccountId, ClientId, Seconds
from idp.ports.keys import SubjectKeys
from idp.ports.short_lived import ShortLivedStore, Throttle

Throttles = tuple[Throttle, ...]

REQUESTS_AT_ONCE: Final = 3
REQUEST_INTERVAL: Final = 600
"""Requests that one client may have unanswered by one person at once, and seconds until it may make one more."""

MAILS_AT_ONCE: Final = 6
MAIL_INTERVAL: Final = 300
"""Mails about such requests that a person gets at once, and seconds until one more."""

LOOK_UPS: Final = 240
"""People whom an administrator may look up in a day: searches, further pages of lists, and opened records."""


class SlowDownError(Exception):
    """Too many tries; `wait` seconds until the next one."""

    def __init__(self, wait: int) -> None:
        super().__init__("slow down")
        self.wait = wait


def for_several(throttle: Throttle, apps: int) -> Throttle:
    """The same bucket where each try is one at every one of `apps`: it is empty so many times sooner."""
    many = max(1, apps)
    return replace(throttle, burst=throttle.burst // many, interval=throttle.interval * many)


class Throttling:
    """Which buckets a try empties, and taking it."""

    def __init__(self, store: ShortLivedStore, keys: SubjectKeys) -> None:
        self._store = store
        self._keys = keys

    def for_password(self, identifier: str, source: str, network: str = "", *, known_device: str | None) -> Throttles:
        """Buckets of a password try: the known device's own, else those of the address and of its network.

        There is none of the account alone, which strangers could empty: what is tried at one account from everywhere
        costs work instead (`domain.abuse.attack`), which an owner on a new device in a quiet network can do too.
        """
        person = self._keys.tag("throttle", identifier)
        if known_device:
            return (Throttle(f"throttle:pd:{person}:{known_device}", burst=10, interval=30),)
        network = network or source
        return (
            Throttle(f"throttle:ps:{person}:{source}", burst=20, interval=60),
            Throttle(f"throttle:pn:{person}:{network}", burst=50, interval=30),
            Throttle(f"throttle:s:{source}", burst=300, interval=1),
            Throttle(f"throttle:n:{network}", burst=1200, interval=1),
        )

    def for_second_factor(self, account_id: AccountId, *, known_device: str | None, apps: int = 1) -> Throttles:
        """Buckets of a one-time or recovery code: with ±1 step three codes in a million are right for each of `apps`.

        A device has its own bucket, and all devices of an account have one together. Who knows the password and comes
        from elsewhere has 50 tries and then 12 a day, whatever the browsers: in a year one chance in 75. A try at
        several apps counts as one at each of them (`for_several`), so the chance stays what it is with one.
        """
        if known_device:
            apart = max(1, apps) * 300
            return (
                Throttle(f"throttle:f:{account_id}:{known_device}", burst=10, interval=apart),
                Throttle(f"throttle:fd:{account_id}", burst=20, interval=apart),
            )
        return (
            Throttle(f"throttle:f:{account_id}:", burst=10, interval=300),
            for_several(Throttle(f"throttle:fl:{account_id}", burst=50, interval=7200), apps),
        )

    def for_activation(self, account_id: AccountId) -> Throttles:
        """How often codes sent to a person's contacts are tried, however many were sent.

        Each is one of a million. Who knows the password alone has 50 tries and then 12 a day: in a year one chance in
        220.
        """
        return (
            Throttle(f"throttle:a:{account_id}", burst=10, interval=600),
            Throttle(f"throttle:al:{account_id}", burst=50, interval=7200),
        )

    def for_enrolment(self, account_id: AccountId) -> Throttles:
        """How often the first code of a new authenticator is tried: apart from the tries of one that is enrolled."""
        return (Throttle(f"throttle:e:{account_id}", burst=10, interval=300),)

    def for_messages(self, account_id: AccountId) -> Throttles:
        """How often a code is sent to a person's contact."""
        return (Throttle(f"throttle:m:{account_id}", burst=5, interval=600),)

    def for_user_code(self, source: str, browser: str, network: str) -> Throttles:
        """Buckets of a device's user code: of the browser, of the address, and of its network (/24, /48).

        Right ones are given back. There is no bucket of everybody, which guessers could empty for all owners. A code is
        one of 20^8 = 2.6 * 10^10 and lives for ten minutes, in which an address has 20 + 10 tries and a network has
        200 + 100. So a given code is met by one address with a chance of 30 / 20^8, one in 850 million; by ten thousand
        addresses together, at 300,000 tries, in one case of 85,000. Any one of a thousand codes alive is met by those
        ten thousand, who have 10,000 tries a minute then, once in 43 hours on average. Every miss is in the audit
        record, and in `idp_audit_events_total` for an alert: as `user_code.refused`, and what one address adds in the
        same second in a `refusals.counted`. And who meets a code has nothing of its owner's (RFC 8628 section 5.1): the
        device would be signed in as the guesser.
        """
        return (
            Throttle(f"throttle:ub:{self._keys.tag('throttle', browser)}", burst=5, interval=60),
            Throttle(f"throttle:us:{source}", burst=20, interval=60),
            Throttle(f"throttle:un:{network}", burst=200, interval=6),
        )

    def for_hints(self, client_id: ClientId) -> Throttles:
        """How often a client may name people whom nobody knows: a hint that names somebody is given back."""
        return (Throttle(f"throttle:ch:{client_id}", burst=100, interval=10),)

    def for_approvals(self, client_id: ClientId, account_id: AccountId) -> Throttles:
        """How often one client asks one person, and how often it asks anybody: who is asked for ever gives in.

        What was allowed is given back, so that a client to which the person says yes goes on asking: these are the
        requests that were not answered, or not yet. Three payments in ten minutes pass even if nobody looked at any.
        """
        return (
            *self.for_one_person(client_id, account_id),
            Throttle(f"throttle:cc:{client_id}", burst=1000, interval=1),
        )

    def for_one_person(self, client_id: ClientId, account_id: AccountId) -> Throttles:
        """How often one client asks one person. A denial empties it (`drain`): the next request is ten minutes off."""
        return (Throttle(f"throttle:cp:{client_id}:{account_id}", burst=REQUESTS_AT_ONCE, interval=REQUEST_INTERVAL),)

    def for_approval_mails(self, account_id: AccountId) -> Throttles:
        """How often a person is told by mail that something waits, whoever asks.

        It fills twice as fast as one client may ask for ever, so that no client alone takes the others' mails.
        """
        return (Throttle(f"throttle:am:{account_id}", burst=MAILS_AT_ONCE, interval=MAIL_INTERVAL),)

    def for_registration(self, source: str) -> Throttles:
        """How often clients are registered from one address, refused ones counted: each is a write on every node."""
        return (Throttle(f"throttle:rs:{source}", burst=100, interval=5),)

    def for_self_registration(self, personal_number: str, source: str) -> Throttles:
        """How often people are looked up to register: by address, by number from one address, and by number.

        A counter's whole room may register from one address in an hour. Who knows a number and shuts its owner out does
        so for minutes, from ten addresses.
        """
        person = self._keys.tag("throttle", personal_number)
        return (
            Throttle(f"throttle:gs:{source}", burst=60, interval=60),
            Throttle(f"throttle:gn:{person}:{source}", burst=5, interval=900),
            Throttle(f"throttle:ga:{person}", burst=50, interval=300),
        )

    def for_registration_mails(self, address: str) -> Throttles:
        """How often an e-mail address that somebody typed gets mail: it may be a stranger's."""
        return (Throttle(f"throttle:gm:{self._keys.tag('throttle', address)}", burst=4, interval=900),)

    def for_contact_mails(self, address: str) -> Throttles:
        """How often a contact that account owners typed gets messages: it may be a stranger's.

        Apart from those of registrations, which strangers send, so that they shut no owner out.
        """
        return (Throttle(f"throttle:cm:{self._keys.tag('throttle', address)}", burst=4, interval=900),)

    def for_remote_proofing(self, account_id: AccountId) -> Throttles:
        """How often a person begins a check at the biometric verifier: each costs, and each is a try at a likeness."""
        return (Throttle(f"throttle:bv:{account_id}", burst=5, interval=3600),)

    def for_face_check(self, account_id: AccountId, *, known_device: str | None) -> Throttles:
        """How often a person who signs in begins a check at the verifier; one that succeeds is given back."""
        return (Throttle(f"throttle:fc:{account_id}:{known_device or ''}", burst=6, interval=600),)

    def for_pictures(self, attempt_id: str, source: str) -> Throttles:
        """How often a computer asks for the yes of a phone: by sign-in attempt, and by address.

        Nobody is told of it before somebody opens the picture, so no account has a bucket that strangers could empty.
        Many people share an address of a mobile network.
        """
        return (
            Throttle(f"throttle:xa:{self._keys.tag('throttle', attempt_id)}", burst=6, interval=60),
            Throttle(f"throttle:xs:{source}", burst=120, interval=2),
        )

    def for_opened_pictures(self, account_id: AccountId) -> Throttles:
        """How often a person opens pictures of computers, whoever made them: links to them can be sent around."""
        return (Throttle(f"throttle:xo:{account_id}", burst=10, interval=60),)

    def for_phone_numbers(self, account_id: AccountId) -> Throttles:
        """How often a person may type the number of a computer wrongly; a right one is given back."""
        return (Throttle(f"throttle:xn:{account_id}", burst=3, interval=600),)

    def for_passkeys(self, source: str, *, known_device: str | None) -> Throttles:
        """How often passkeys that let nobody in come from one address, or from a device that signed in before."""
        place = f"{source}:{known_device}" if known_device else source
        return (Throttle(f"throttle:pk:{place}", burst=60, interval=5),)

    def for_certificates(self, source: str) -> Throttles:
        """How often cards that let nobody in come from one address: nothing can be guessed, but each is looked at."""
        return (Throttle(f"throttle:ct:{source}", burst=60, interval=5),)

    def for_configuration(self, client_id: ClientId) -> Throttles:
        """How often one registration is changed: each change empties the caches of every process."""
        return (Throttle(f"throttle:rc:{client_id}", burst=20, interval=30),)

    def for_testers(self, administrator: AccountId) -> Throttles:
        """How often an administrator names testers of services: each try tells whether somebody has an account."""
        return (Throttle(f"throttle:te:{administrator}", burst=30, interval=120),)

    def for_look_ups(self, administrator: AccountId) -> Throttles:
        """How many people an administrator looks up: a full day's work at once, and as many on each day after it."""
        return (Throttle(f"throttle:lu:{administrator}", burst=LOOK_UPS, interval=24 * 3600 // LOOK_UPS),)

    def for_provisioned_names(self, client_id: ClientId) -> Throttles:
        """How often a personnel system names officers in vain, which tells who has an account."""
        return (Throttle(f"throttle:cn:{client_id}", burst=100, interval=60),)

    async def take(self, throttles: Throttles, now: Seconds) -> None:
        """Take one try from each bucket. Raises `SlowDownError`."""
        wait = await self._store.take(throttles, now)
        if wait:
            raise SlowDownError(wait)

    async def look(self, throttles: Throttles, now: Seconds) -> None:
        """Take nothing, for what cannot be guessed: it is counted when it failed. Raises `SlowDownError`."""
        used = await self._store.used(throttles, now)
        full = [throttle.interval for throttle, tries in zip(throttles, used, strict=True) if tries >= throttle.burst]
        if full:
            raise SlowDownError(max(full))

    async def count(self, throttles: Throttles, now: Seconds) -> None:
        """The try was in vain: take it from each bucket, unless one has none left."""
        if throttles:
            await self._store.take(throttles, now)

    async def drain(self, throttles: Throttles, now: Seconds) -> None:
        """Take whatever tries are left."""
        for throttle in throttles:
            for _ in range(throttle.burst):
                if await self._store.take((throttle,), now):
                    break

    async def give_back(self, throttles: Throttles) -> None:
        """The try was right: it does not count."""
        await self._store.give_back(throttles)

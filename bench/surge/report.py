"""What a surge came to: a line for each part of the run, what was promised, and whether it was kept."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from bench.measuring import BUSY
from bench.surge.open_loop import Asked, Span, percentile
from bench.surge.services import INTROSPECTION, REFRESH, USERINFO
from bench.surge.visitors import End, Visit

KEPT = 0.9
"""The part of its quiet throughput that refreshing keeps."""

GROWTH = 64.0
"""MiB that a surge may add to the memory of the server at most."""

OPEN = 4_096
"""Connections that the server holds at most, however many people come and stay connected."""

BACK_WITHIN = 5.0
"""Seconds after the surge until service is full again."""

AS_QUIET = 1.5
"""How many times the quiet 95th percentile of a sign-in is still quiet latency."""

_WIDTH = 120
QUIET, CALM, SURGE, AFTER = "services alone", "with sign-ins", "surge", "after it"


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of request in one part of the run: a second, answered rightly, and milliseconds."""

    offered: float
    answered: float
    p50: float
    p99: float
    wrong: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the run. People a second by how their visits ended; sign-ins in milliseconds; memory in MiB."""

    name: str
    seconds: float
    streams: dict[str, Stream]
    people: float
    ends: dict[str, float]
    at_first_try: float
    p50: float
    p95: float
    memory: float
    connections: int
    cpu: float
    load_busy: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise: what was measured, what was wanted, whether it holds."""

    promise: str
    measured: str
    wanted: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is printed. Rates a second: refreshes of a core that does nothing else, and sign-ins."""

    machine: str
    stores: str
    factor: float
    seconds: float
    typing: float
    refresh_alone: float
    sign_ins_at_most: float
    sustainable: float
    parts: list[Part]
    verdicts: list[Verdict]
    examples: list[str]

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        return all(each.holds for each in self.verdicts)


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen during one span, at most: memory in MiB, open connections; CPU in seconds."""

    name: str
    span: Span
    memory: float
    connections: int
    cpu: float
    own_cpu: float


def part_of(seen: Observed, asked: dict[str, list[Asked]], visits: list[Visit]) -> Part:
    """Return the line of one span: visits by when they were due, answers of services by when they came."""
    due = [visit for visit in visits if seen.span.holds(visit.due)]
    finished = [visit for visit in due if visit.end is End.FINISHED]
    seconds = [visit.seconds * 1000 for visit in finished]
    return Part(
        name=seen.name,
        seconds=round(seen.span.seconds, 1),
        streams={kind: _stream(seen.span, each) for kind, each in asked.items()},
        people=round(len(due) / seen.span.seconds, 1),
        ends={end.value: round(sum(visit.end is end for visit in due) / seen.span.seconds, 2) for end in End},
        at_first_try=sum(visit.tries == 1 for visit in finished) / len(finished) if finished else 1.0,
        p50=round(percentile(seconds, 50), 1),
        p95=round(percentile(seconds, 95), 1),
        memory=round(seen.memory, 1),
        connections=seen.connections,
        cpu=round(seen.cpu / seen.span.seconds, 3),
        load_busy=round(seen.own_cpu / seen.span.seconds, 3),
    )


def _stream(span: Span, asked: list[Asked]) -> Stream:
    answered = [each for each in asked if span.holds(each.answered)]
    right = [each.seconds * 1000 for each in answered if each.right]
    return Stream(
        offered=round(sum(span.holds(each.due) for each in asked) / span.seconds, 1),
        answered=round(len(right) / span.seconds, 1),
        p50=round(percentile(right, 50), 2),
        p99=round(percentile(right, 99), 2),
        wrong=len(answered) - len(right),
    )


def verdicts_of(parts: dict[str, Part], visits: list[Visit], spans: dict[str, Span]) -> list[Verdict]:
    """Return every promise with what became of it."""
    quiet, calm, storm, after = (parts[name] for name in (QUIET, CALM, SURGE, AFTER))
    came = [visit for visit in visits if spans[SURGE].holds(visit.due)]
    return [
        Verdict("the sustainable rate is sustained", _ends(calm), "all finished", _all_finished(calm)),
        *_of_the_surge(storm, came),
        *(_keeps(kind, quiet, storm) for kind in (REFRESH, INTROSPECTION, USERINFO)),
        _memory(calm, storm, after),
        *_of_the_end(visits, spans[CALM], spans[AFTER]),
        Verdict("the load was not the limit", f"{storm.load_busy:.0%}", f"< {BUSY:.0%}", storm.load_busy < BUSY),
    ]


def _of_the_surge(storm: Part, came: list[Visit]) -> list[Verdict]:
    untold = sum(not visit.told for visit in came)
    broken = [visit for visit in came if visit.end in {End.HUNG, End.WRONG}]
    let_in = [visit for visit in came if visit.end is not End.SHED]
    finished = sum(visit.end is End.FINISHED for visit in let_in)
    return [
        Verdict("the excess is shed", f"{len(came) - len(let_in):,} of {len(came):,}", "some", len(let_in) < len(came)),
        Verdict("each refusal: 503, Retry-After, a page in the language", f"{untold} without", "0", untold == 0),
        Verdict("no hang, no other answer", f"{len(broken)} of {len(came):,}", "0", not broken),
        Verdict("whoever is let in finishes", f"{finished:,} of {len(let_in):,}", "all", finished == len(let_in) > 0),
        Verdict("connections are bounded", f"{storm.connections:,}", f"≤ {OPEN:,}", storm.connections <= OPEN),
    ]


def _keeps(kind: str, quiet: Part, storm: Part) -> Verdict:
    before, during = quiet.streams[kind].answered, storm.streams[kind].answered
    share = during / before if before else 0.0
    return Verdict(f"{kind} keeps its throughput", f"{share:.1%}", f"≥ {KEPT:.0%}", share >= KEPT)


def _memory(calm: Part, storm: Part, after: Part) -> Verdict:
    growth = max(storm.memory, after.memory) - calm.memory
    return Verdict("memory is bounded", f"+{growth:.0f} MiB", f"≤ +{GROWTH:.0f} MiB", growth <= GROWTH)


def _of_the_end(visits: list[Visit], calm: Span, after: Span) -> list[Verdict]:
    """Whoever comes from five seconds after the surge on finds what was found at the same time before it."""
    later = [visit for visit in visits if after.holds(visit.due)]
    refused = [visit.due - after.start for visit in later if visit.end is not End.FINISHED or visit.tries > 1]
    last = max(refused, default=0.0)
    before, found = (_p95_after(BACK_WITHIN, visits, span) for span in (calm, after))
    return [
        Verdict("nobody is refused any more", f"{last:.1f} s after it", f"≤ {BACK_WITHIN:.0f} s", last <= BACK_WITHIN),
        Verdict(
            f"sign-ins take what they took, {BACK_WITHIN:.0f} s after it",
            f"p95 {found:.0f} ms",
            f"≤ × {AS_QUIET} of {before:.0f} ms",
            0 < found <= before * AS_QUIET,
        ),
    ]


def _p95_after(seconds: float, visits: list[Visit], span: Span) -> float:
    """Return what nineteen of twenty of those who came later than so long after the beginning needed at most, in ms."""
    later = Span(span.start + seconds, span.end)
    return percentile([visit.seconds * 1000 for visit in visits if later.holds(visit.due)], 95)


def _all_finished(part: Part) -> bool:
    return part.ends[End.FINISHED] > 0 and not any(rate for end, rate in part.ends.items() if end != End.FINISHED)


def _ends(part: Part) -> str:
    return ", ".join(f"{rate:.1f}/s {end}" for end, rate in part.ends.items() if rate)


def print_report(report: Report) -> None:
    """Print both tables."""
    console = Console(width=_WIDTH)
    console.print(_parts_table(report))
    table = Table()
    for column in ("promised", "measured", "wanted", ""):
        table.add_column(column)
    for each in report.verdicts:
        table.add_row(each.promise, each.measured, each.wanted, "holds" if each.holds else "BROKEN")
    console.print(table)
    for example in report.examples:
        console.print(f"wrong: {example}", markup=False)


def _parts_table(report: Report) -> Table:
    table = Table(
        title=f"{report.machine}; {report.stores}",
        caption=f"refreshing only, a core does {report.refresh_alone:,.0f}/s; beside the services it signs in at most "
        f"{report.sign_ins_at_most:.1f} people a second; sustainable: {report.sustainable:.1f}/s; surge: "
        f"× {report.factor:g} for {report.seconds:g} s, {report.typing:g} s from page to form; "
        "below the services: p50, p99 ms",
    )
    kinds = (REFRESH, INTROSPECTION, USERINFO)
    table.add_column("")
    for column in (*kinds, "people", "let in", "shed", "p50, p95 ms", "MiB", "open", "CPU"):
        table.add_column(column, justify="right")
    for part in report.parts:
        streams = (part.streams[kind] for kind in kinds)
        people = (
            f"{part.people:.1f}/s",
            f"{part.people - part.ends[End.SHED]:.1f}/s",
            f"{part.ends[End.SHED]:.1f}/s",
            f"{part.p50:.0f}, {part.p95:.0f}",
        )
        table.add_row(
            part.name,
            *(f"{each.answered:.0f}/s\n{each.p50:.1f}, {each.p99:.1f}" for each in streams),
            *(people if part.people else ("", "", "", "")),
            f"{part.memory:.0f}",
            f"{part.connections:,}",
            f"{part.cpu:.0%}",
        )
    return table

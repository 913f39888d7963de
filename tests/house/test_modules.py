import ast
import re
from pathlib import Path

from tests.house.source import ROOT, modules, name, tracked_files, tree

LONGEST_MODULE = 300
LONGEST_FUNCTION = 40

# What may be longer, and why.
LONG_MODULES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {
    "idp/app.py:_site_ports": "one line for each port, and nothing else",
    "idp/adapters/sql/stores.py:stores_on": "one line for each port, and nothing else",
}
REVISIONS = ROOT / "idp/adapters/sql/migrations/versions"  # written once, read from top to bottom, never grown

ENVIRONMENT = {"environ", "environb", "getenv", "getenvb"}

SPECIFICATION = re.compile(r"RFC \d{4}|OpenID|OAuth 2\.0|NIST SP|ISO/IEC|W3C")
SECTION = re.compile(r"§|\b[Ss]ections?\b")


def test_nobody_but_the_settings_reads_the_environment() -> None:
    readers = []
    for path in modules("idp"):
        if name(path) == "idp/settings.py":
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT:
                readers.append(f"{name(path)}:{node.lineno}")
            if isinstance(node, ast.ImportFrom) and ENVIRONMENT & {alias.name for alias in node.names}:
                readers.append(f"{name(path)}:{node.lineno}")
    assert readers == []


CLOCKS_AND_DICE = re.compile(
    r"\btime\.(time|time_ns|monotonic)\(|\bdatetime\.(now|utcnow|today)\(|\bdate\.today\(|\bos\.urandom\("
    r"|\bsecrets\.token_|\bsecrets\.(choice|randbelow|randbits)\(|\brandom\.|\buuid\.?[14]\("
)


def test_time_and_randomness_come_through_ports() -> None:
    readers = [
        f"{name(path)}: {line.strip()}"
        for path in modules("idp/domain", "idp/ports", "idp/journeys", "idp/protocol")
        for line in path.read_text(encoding="utf-8").splitlines()
        if CLOCKS_AND_DICE.search(line)
    ]
    assert readers == []


ROOM = r"domain|ports|journeys|protocol|adapters|web|assembly|cli"
NAMED_MODULE = re.compile(rf"`(?:idp\.)?((?:{ROOM})(?:\.\w+)+)`")


def test_modules_that_texts_name_are_there() -> None:
    lost = [
        f"{name(path)}: {named}"
        for path in tracked_files()
        if path.suffix in {".py", ".md"}
        for named in NAMED_MODULE.findall(path.read_text(encoding="utf-8"))
        if not _is_there(named)
    ]
    assert lost == []


def _is_there(named: str) -> bool:
    """Whether there is such a module or package, or one that says the last word of the name."""
    path = ROOT / "idp" / named.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").exists():
        return True
    above = [each for each in (path.parent.with_suffix(".py"), path.parent / "__init__.py") if each.exists()]
    return any(re.search(rf"\b{path.name}\b", each.read_text(encoding="utf-8")) for each in above)


# Made once for a process, and looked at by those who know the library's own decorator only.
FROZEN_BY_THE_LIBRARY = {"idp/domain/values.py", "idp/setting_forms.py", "idp/adapters/sql/stores.py"}


def test_values_are_made_by_the_one_decorator_that_costs_nothing_for_each_field() -> None:
    others = {
        name(path)
        for path in modules("idp")
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.ImportFrom) and node.module == "dataclasses" and node.level == 0)
        and any(alias.name == "dataclass" for alias in node.names)
    }
    assert others == FROZEN_BY_THE_LIBRARY


def test_a_protocol_module_names_its_specification_and_section_first() -> None:
    silent = []
    for path in modules("idp/protocol"):
        first = (ast.get_docstring(tree(path)) or "").partition("\n")[0]
        if path.name != "__init__.py" and not (SPECIFICATION.search(first) and SECTION.search(first)):
            silent.append(f"{name(path)}: {first!r}")
    assert silent == []


def test_a_protocol_module_has_a_mirrored_test() -> None:
    missing = [name(path) for path in modules("idp/protocol") if not _mirror(path).is_file()]
    assert missing == []


def _mirror(path: Path) -> Path:
    if path.name == "__init__.py":
        return path
    inside = path.relative_to(ROOT / "idp")
    return ROOT / "tests" / inside.parent / f"test_{inside.name}"


def test_a_mirrored_test_has_a_module_to_mirror() -> None:
    orphans = []
    for room in ("domain", "journeys", "protocol"):
        for path in modules(f"tests/{room}"):
            inside = path.relative_to(ROOT / "tests")
            subject = ROOT / "idp" / inside.parent / path.name.removeprefix("test_")
            if path.name.startswith("test_") and not (subject.is_file() or subject.with_suffix("").is_dir()):
                orphans.append(name(path))
    assert orphans == []


def test_modules_stay_short_or_say_why() -> None:
    long = {
        name(path)
        for path in modules("idp", "clients", "bench")
        if path.parent != REVISIONS and len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_MODULE
    }
    assert long == set(LONG_MODULES)


def test_functions_stay_short_or_say_why() -> None:
    long = set()
    for path in modules("idp", "clients", "bench"):
        for node in ast.walk(tree(path)) if path.parent != REVISIONS else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _lines(node) > LONGEST_FUNCTION:
                long.add(f"{name(path)}:{node.name}")
    assert long == set(LONG_FUNCTIONS)


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1


def test_no_module_is_called_utils_or_helpers() -> None:
    vague = {"utils", "util", "helpers", "helper", "misc", "common_utils", "tools"}
    assert [name(path) for path in modules("idp", "clients", "bench", "tests") if path.stem in vague] == []


def test_relying_parties_do_not_import_the_provider() -> None:
    strangers = []
    for path in modules("clients"):
        for node in ast.walk(tree(path)):
            imported = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            imported += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            strangers += [name(path) for module in imported if module.partition(".")[0] == "idp"]
    assert strangers == []


SILENCED = re.compile(r"# (?:noqa|type: ignore|pragma: no cover)")
REASON = re.compile(r"# (?:noqa|type: ignore|pragma: no cover)[^#]*(?: --? | # )\w")


def test_a_silenced_check_gives_its_reason_beside_or_above() -> None:
    silent = []
    for path in modules("idp", "clients", "bench"):
        above = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if SILENCED.search(line) and not REASON.search(line) and "#" not in above:
                silent.append(f"{name(path)}:{number}")
            above = line
    assert silent == []


def test_no_table_has_a_key_twice() -> None:
    """The later row counts in silence; ruff sees that of plain values alone."""
    twice = []
    for path in modules("idp", "clients", "bench"):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Dict):
                continue
            keys = [ast.dump(key) for key in node.keys if key is not None]
            if len(set(keys)) < len(keys):
                twice.append(f"{name(path)}:{node.lineno}")
    assert twice == []

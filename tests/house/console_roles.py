"""The table of roles in docs/console.md, from `idp.domain.offices.administration`; `python -m` puts it there anew."""

from idp.domain.offices.administration import PERMISSIONS, Action, Reach, Role
from tests.house.source import ROOT

PAGE = ROOT / "docs/console.md"
BEGIN, END = "<!-- roles: begin -->\n", "<!-- roles: end -->\n"
_WORDS = {Reach.EVERYWHERE: "everywhere", Reach.SUBTREE: "own subtree", None: ""}


def table() -> str:
    """One line for each action, one column for each role."""
    lines = [["action", *(f"`{role}`" for role in Role)], ["---"] * (len(Role) + 1)]
    lines += [[f"`{action}`", *(_WORDS[PERMISSIONS[action].get(role)] for role in Role)] for action in Action]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def written() -> str:
    """What stands on the page."""
    return PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


if __name__ == "__main__":
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + table() + END + rest.partition(END)[2], encoding="utf-8")

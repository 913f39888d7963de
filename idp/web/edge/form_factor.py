"""What a browser says of the machine that it runs on: good for counting, and for nothing else."""

from starlette.types import Scope

from idp.domain.sign_ins.journey_count import FormFactor
from idp.web.edge.body import list_header


def form_factor(scope: Scope) -> FormFactor:
    """Return whether a request says that it comes from a phone.

    The client hint `Sec-CH-UA-Mobile` where it is sent; else the word that browsers of phones put into `User-Agent`.
    """
    hint = list_header(scope, b"sec-ch-ua-mobile")
    if hint in {"?1", "?0"}:
        return FormFactor.PHONE if hint == "?1" else FormFactor.COMPUTER
    agent = list_header(scope, b"user-agent")
    if "Mobi" in agent:
        return FormFactor.PHONE
    return FormFactor.COMPUTER if agent.startswith("Mozilla/") else FormFactor.UNKNOWN

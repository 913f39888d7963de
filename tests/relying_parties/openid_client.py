"""A relying party on openid-client, in a Node process of its own."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.lifeline import Lifeline
from tests.relying_parties.installed import NODE_FOLDER, node


class RelyingPartyError(Exception):
    """What the library threw; its members under `told`."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told.get("error") or told["message"], told)
        self.told = told


@dataclass(slots=True)
class NodeRelyingParty:
    """The process: each attribute of `openid_client.mjs`' calls by name."""

    process: "subprocess.Popen[str]"

    def call(self, name: str, **arguments: Any) -> Any:
        """Have the library do one thing; return what it answers, raise what it throws."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"call": name, "with": arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the Node process ended"
        answer = json.loads(line)
        if "error" in answer:
            raise RelyingPartyError(answer["error"])
        return answer["result"]


@contextmanager
def relying_party() -> Iterator[NodeRelyingParty]:
    """Start one, end it."""
    with subprocess.Popen(
        [node(), str(NODE_FOLDER / "openid_client.mjs")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        lifeline = Lifeline()
        lifeline.tie(process)
        try:
            yield NodeRelyingParty(process)
        finally:
            process.kill()
            process.wait(10)
            lifeline.release()

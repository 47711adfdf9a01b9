"""Owns a headless Chromium for the tests, driven through its DevTools protocol, without a package.

Chromium takes commands on file descriptor 3 and answers on 4, JSON documents that end in NUL:
`--remote-debugging-pipe`; https://chromedevtools.github.io/devtools-protocol/ has the commands.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 60

LAUNCH = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""


def find_chromium() -> str | None:
    """Find a Chromium on the PATH."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Tab:
    """A page in the browser. `problems` is what went wrong in it: exceptions and console errors.

    `held` are the requests that wait for `release`: their URLs by id.
    """

    commands: int
    answers: int
    process: subprocess.Popen[bytes]
    session: str = ""
    number: int = 0
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    opened_choosers: int = 0
    held: dict[str, str] = field(default_factory=dict)
    rest: bytes = b""

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give a command, and wait for its answer."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def run(self, script: str) -> Any:
        """Run a JavaScript expression in the page, awaiting promises; give its value."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_until(self, script: str) -> None:
        """Wait until a JavaScript expression is true."""
        self._wait(lambda: bool(self.run(script)), script)

    def choose_files(self, selector: str, *paths: Path) -> None:
        """Choose files in a file input."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(path) for path in paths])

    def drop_files(self, selector: str, *paths: Path) -> None:
        """Drag files over an element, and drop them there."""
        box = self.run(
            f"(b => [b.x + b.width / 2, b.y + b.height / 2])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.call("Input.dispatchDragEvent", type=kind, x=box[0], y=box[1], data=data)

    def open(self, url: str) -> None:
        """Go to another page, and wait until its document is read."""
        self.call("Page.navigate", url=url)
        self.wait_until("document.readyState !== 'loading' && location.href !== 'about:blank'")

    def hold(self, pattern: str) -> None:
        """Let requests whose URL is like a pattern, with *, wait for `release`."""
        self.call("Fetch.enable", patterns=[{"urlPattern": pattern}])

    def release(self) -> None:
        """Let all requests that wait go on, and hold no more."""
        self.held.clear()
        self.call("Fetch.disable")

    def press(self, key: str) -> None:
        """Press and release a key, as JavaScript names it."""
        code = {"Tab": 9, "Enter": 13, "ArrowLeft": 37, "ArrowRight": 39}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                **(text if kind == "keyDown" else {}),
            )

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        size = {"width": width, "height": height}
        self.call("Emulation.setDeviceMetricsOverride", **size, deviceScaleFactor=1, mobile=False)

    def touch(self, width: int, height: int) -> None:
        """Show the page as on a phone, whose only pointer is a finger."""
        self.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=1)
        size = {"width": width, "height": height}
        self.call("Emulation.setDeviceMetricsOverride", **size, deviceScaleFactor=1, mobile=True)
        self.call("Page.reload")
        self.wait_until("document.readyState === 'complete'")

    def swipe(self, start: tuple[float, float], across: int) -> None:
        """Move a finger sideways."""
        x, y = start
        self._put_finger("touchStart", [{"x": x, "y": y}])
        step = 5 if across > 0 else -5
        for moved in range(step, across + step, step):
            self._put_finger("touchMove", [{"x": x + moved, "y": y}])
        self._put_finger("touchEnd", [])

    def _put_finger(self, kind: str, points: list[dict[str, float]]) -> None:
        self.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)

    def point(self, x: float, y: float, *, click: bool = False) -> None:
        """Move the mouse to a place, and click there."""
        for kind in ("mouseMoved", *(("mousePressed", "mouseReleased") if click else ())):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def show_dark(self, dark: bool) -> None:
        """Prefer dark or light colors."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def save_screenshot(self, path: Path) -> None:
        """Save a picture of the whole page."""
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(answer["data"]))

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, (what, self.problems)
            time.sleep(0.1)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.answers], [], [], SECONDS)
            assert ready, "Chromium does not answer"
            data = os.read(self.answers, 2**20)
            assert data, "Chromium has ended"
            self.rest += data
        line, _, self.rest = self.rest.partition(b"\0")
        document: dict[str, Any] = json.loads(line)
        return document

    def _note(self, event: dict[str, Any]) -> None:
        parameters = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            self.problems.append(str(parameters["exceptionDetails"]))
        elif event.get("method") == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.problems.append(parameters["entry"]["text"])
        elif event.get("method") == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif event.get("method") == "Fetch.requestPaused":
            self.held[parameters["requestId"]] = parameters["request"]["url"]
        elif event.get("method") == "Page.fileChooserOpened":
            self.opened_choosers += 1


@contextmanager
def open_tab(chromium: str, folder: Path, url: str, dark: bool = False) -> Iterator[Tab]:
    """Open a page; `folder` takes the browser's profile. At the end the browser is gone."""
    command_out, command_in = _make_pipe()
    answer_out, answer_in = _make_pipe()
    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe")
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", LAUNCH, str(command_out), str(answer_in), chromium),
            *(*options, f"--user-data-dir={folder}", "--window-size=1100,1400", "about:blank"),
        ],
        env=os.environ | {"HOME": str(folder)},
        pass_fds=(command_out, answer_in),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(command_out)
    os.close(answer_in)
    try:
        tab = Tab(command_in, answer_out, process)
        target = tab.call("Target.createTarget", url="about:blank")["targetId"]
        attached = tab.call("Target.attachToTarget", targetId=target, flatten=True)
        tab.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            tab.call(f"{domain}.enable")
        tab.show_dark(dark)
        tab.call("Page.navigate", url=url)
        tab.wait_until("document.readyState === 'complete'")
        yield tab
    finally:
        if sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(command_in)
        os.close(answer_out)


def _make_pipe() -> tuple[int, int]:
    """Make a pipe whose ends are out of the way of the file descriptors that Chromium uses."""
    if sys.platform == "win32":
        raise NotImplementedError("pipes are numbered as on POSIX")
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]

"""Headless Chromium, controlled over a pipe, for pictures of the report and for its tests."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from fcntl import F_DUPFD, fcntl
from pathlib import Path
from types import TracebackType
from typing import Any, Dict, List, Optional, Type, Union

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars"),
    # It should make no requests of its own.
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
)


def find_browser() -> Optional[str]:
    """Returns the path of Chromium or Chrome (the variable CHROMIUM takes precedence), or `None`."""
    return next((path for path in map(shutil.which, [os.environ.get("CHROMIUM", ""), *NAMES]) if path), None)


class Browser:
    """
    A browser with one page. It speaks the DevTools protocol over a pipe (`--remote-debugging-pipe`), which needs only
    the standard library.

    # Examples

        with Browser() as browser:
            browser.look(width=390, dark=True)
            browser.open("report.html")
            browser.run("document.title")
            browser.messages  # errors and other messages of the page in the console
    """

    def __init__(self) -> None:
        program = find_browser()
        if program is None:
            raise RuntimeError("Chromium or Chrome was not found; install one, or set CHROMIUM to its path.")
        self.messages: List[str] = []
        self._count = self._loads = 0
        self._profile = tempfile.mkdtemp(prefix="browser-")
        # The browser reads from its descriptor 3 and writes to 4; higher numbers do not collide with them.
        their_end, write = _pipe()
        read, their_other_end = _pipe()
        command = [program, *OPTIONS, f"--user-data-dir={self._profile}", "--remote-debugging-pipe", "about:blank"]
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", f'exec "$@" 3<&{their_end} 4>&{their_other_end}', "browser", *command],
            pass_fds=[their_end, their_other_end],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(their_end)
        os.close(their_other_end)
        self._write, self._read = os.fdopen(write, "wb"), os.fdopen(read, "rb")
        self._session: Optional[str] = None
        (target,) = [t for t in self.send("Target.getTargets")["targetInfos"] if t["type"] == "page"]
        attached = self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def __enter__(self) -> "Browser":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._write.close()
        self._read.close()
        # A closed pipe ends the browser.
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    def send(self, method: str, **params: Any) -> Dict[str, Any]:
        """Calls a method of the protocol and returns its result."""
        self._count += 1
        message: Dict[str, Any] = {"id": self._count, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        self._write.write(json.dumps(message).encode("ascii") + b"\0")
        self._write.flush()
        while True:
            answer = self._next()
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def look(self, width: int = 1100, height: int = 900, dark: bool = False, scale: float = 1.0) -> None:
        """Sets the window's size in CSS pixels, whether the reader prefers dark colours, and pixels per CSS pixel."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, path: Union[str, os.PathLike], fragment: str = "") -> None:
        """Opens a file, or an address that begins with http, and returns when it has loaded."""
        target = str(path) if str(path).startswith("http") else Path(path).resolve().as_uri()
        # The same file with another fragment would not be reloaded.
        for address in ("about:blank", target + fragment):
            before = self._loads
            self.send("Page.navigate", url=address)
            while self._loads == before:
                self._next()

    def run(self, script: str) -> Any:
        """Returns the value of a JavaScript expression; awaits a promise. Raises `RuntimeError` if the script fails."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(_description(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def picture(self, path: os.PathLike, select: Optional[str] = None) -> None:
        """Saves a PNG of the window, or of the first element that a CSS selector matches."""
        # The first picture after a change of size may still show the old one.
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        more: Dict[str, Any] = {}
        if select is not None:
            box = self.run(
                "(({x, y, width, height}) => ({x: x + scrollX, y: y + scrollY, width, height}))"
                f"(document.querySelector({json.dumps(select)}).getBoundingClientRect())"
            )
            more = {"clip": {**box, "scale": 1}, "captureBeyondViewport": True}
        answer = self.send("Page.captureScreenshot", format="png", **more)
        Path(path).write_bytes(base64.b64decode(answer["data"]))

    def _next(self) -> Dict[str, Any]:
        parts = bytearray()
        while True:
            byte = self._read.read(1)
            if not byte:
                raise RuntimeError("The browser ended.")
            if byte == b"\0":
                break
            parts += byte
        message = json.loads(bytes(parts))
        params = message.get("params", {})
        if message.get("method") == "Page.loadEventFired":
            self._loads += 1
        elif message.get("method") == "Runtime.exceptionThrown":
            self.messages.append(_description(params["exceptionDetails"]))
        elif message.get("method") == "Runtime.consoleAPICalled":
            self.messages.append(" ".join(str(a.get("value", a.get("description"))) for a in params["args"]))
        elif message.get("method") == "Log.entryAdded":
            self.messages.append(params["entry"]["text"])
        return message


def _pipe() -> List[int]:
    ends = os.pipe()
    copies = [fcntl(end, F_DUPFD, 10) for end in ends]
    for end in ends:
        os.close(end)
    return copies


def _description(details: Dict[str, Any]) -> str:
    return details.get("exception", {}).get("description", details["text"])

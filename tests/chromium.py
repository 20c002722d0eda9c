"""A real Chromium without a window, driven through its pipe: the DevTools protocol as JSON, ended by zero bytes."""

import fcntl
import itertools
import json
import os
import select
import shutil
import subprocess
import sys
import time

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",  # containers have none
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--remote-debugging-pipe",
)
PATIENCE = 180.0


class Chromium:
    """One browser and one page in it."""

    def __init__(self, program, profile):
        to_browser, self._send = os.pipe()
        self._receive, from_browser = os.pipe()
        # The browser reads from 3 and writes to 4. A program puts them there that then becomes the browser: a function
        # between Python's fork and exec would have JAX warn of its threads.
        given = [fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in (to_browser, from_browser)]
        wire = f"import os, sys; os.dup2({given[0]}, 3); os.dup2({given[1]}, 4); os.execv(sys.argv[1], sys.argv[1:])"
        self._process = subprocess.Popen(
            [sys.executable, "-ISc", wire, program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=given,
        )
        for one in (to_browser, from_browser, *given):
            os.close(one)
        self._numbers, self._buffer, self.events = itertools.count(1), b"", []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = None
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._call(f"{domain}.enable")

    _session = None

    def _call(self, method, **given):
        number = next(self._numbers)
        sent = {"id": number, "method": method, "params": given}
        if self._session:
            sent["sessionId"] = self._session
        os.write(self._send, json.dumps(sent).encode() + b"\0")
        while True:
            found = self._next()
            if found.get("id") == number:
                assert "error" not in found, found
                return found["result"]
            self.events.append(found)

    def _next(self):
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._buffer:
            assert select.select([self._receive], [], [], max(until - time.monotonic(), 0))[0], "Chromium is silent"
            self._buffer += os.read(self._receive, 1 << 16)
        found, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(found)

    def open(self, path, width=1000, height=1200, dark=False):
        """Open a page from the disk."""
        self.events.clear()
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        self._call("Page.navigate", url=path.as_uri())
        self.wait("document.readyState === 'complete'")

    def open_model(self, path, **surroundings):
        """The same, and wait until the page has checked its model."""
        self.open(path, **surroundings)
        self.wait("document.getElementById('check')?.className")

    def wait(self, expression):
        """Wait until JavaScript finds something true."""
        until = time.monotonic() + PATIENCE
        while not (found := self.value(expression)):
            assert time.monotonic() < until, expression
            time.sleep(0.02)
        return found

    def value(self, expression):
        """What JavaScript evaluates to."""
        found = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def text(self, element):
        """The text of an element by its id."""
        return self.value(f"document.getElementById('{element}').textContent")

    def type(self, text):
        """Type into what has the focus."""
        self._call("Input.insertText", text=text)

    def press(self, key):
        """Press a key."""
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def point(self, x, y):
        """Move the pointer."""
        self._call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def drag(self, places):
        """Press the pointer at the first of some places, and let go at the last."""
        for number, (x, y) in enumerate(places):
            kind = "mousePressed" if number == 0 else "mouseMoved"
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)
        self._call("Input.dispatchMouseEvent", type="mouseReleased", x=x, y=y, button="left", clickCount=1)

    def complaints(self):
        """What was written to the console or thrown, and what was blocked."""
        self.value("0")  # whatever was on its way has come
        wanted = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [event for event in self.events if event["method"] in wanted]

    def requests(self):
        """The addresses that were asked for."""
        sent = [event["params"] for event in self.events if event["method"] == "Network.requestWillBeSent"]
        return [one["request"]["url"] for one in sent]

    def close(self):
        """End the browser."""
        os.close(self._send)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._receive)

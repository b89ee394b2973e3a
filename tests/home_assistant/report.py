"""One line a check."""

import asyncio
import time


class Report:
    """Prints what was found and counts what failed."""

    def __init__(self):
        self.failed = 0
        self.passed = 0
        self.began = time.monotonic()

    def check(self, what, problems):
        """Prints `what` as ok if there are no problems (a list, a text, or nothing)."""
        problems = [problems] if isinstance(problems, str) else list(problems or [])
        self._line("FAILED" if problems else "ok", what)
        for problem in problems[:20]:
            print(f"{'':16}{problem}", flush=True)
        if problems:
            self.failed += 1
        else:
            self.passed += 1

    def skip(self, what, why):
        """Says what was not looked at."""
        self._line("not yet", f"{what}: {why}")

    def _line(self, verdict, what):
        print(f"{time.monotonic() - self.began:5.0f} s  {verdict:7}  {what}", flush=True)


async def until(found, timeout_s, every_s=0.1):
    """Waits until `found()` is true or the time is over; says the last answer."""
    end = time.monotonic() + timeout_s
    while True:
        answer = found()
        if answer or time.monotonic() > end:
            return answer
        await asyncio.sleep(every_s)

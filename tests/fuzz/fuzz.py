"""`make fuzz`: tries changed inputs for a few minutes, and ends with exit code 1 where one ends in neither way it may.

Each input is used in a child process with bounded memory and time. It may be used, or be refused in one clear line; a
traceback, a warning, a control character, a death, too much memory or too much time is a finding, which hypothesis
makes small and which is kept in found/, where `make test` uses it from then on.

    python -m fuzz [TARGET ...] [--seconds 240] [--seed 0]
"""

import argparse
import hashlib
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase

from .children import Child
from .mutations import changed
from .seeds import checkpoint, of_models, tables, train_models
from .worker import TARGETS

FOUND = Path(__file__).with_name("found")
BATCH = 50
"""Inputs between two looks at the clock."""
SHRINKING = 15
"""Seconds for which an input is made smaller."""


class Fuzzer:
    """Tries one target after the other, and remembers what it found."""

    def __init__(self, models, keep):
        self._child = Child(models)
        self._keep = keep
        self.ends = Counter()
        self.findings = {}

    def close(self):
        self._child.close()

    def try_for(self, target, good, seconds, seed):
        """Try changed inputs of a target; those that end as an earlier finding did are not told again."""
        changes = changed(good, Path(TARGETS[target][1]).suffix)
        how, said = self._child.use(target, good)
        if how != "done":
            raise SystemExit(f"the good input of {target} is not used: {said}")
        end = time.monotonic() + seconds
        number = 0
        while time.monotonic() < end:
            self._batch(target, changes, seed + number, end)
            number += 1

    def _batch(self, target, changed, seed, end):
        last, until = [], [end]

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=BATCH,
            deadline=None,
            database=None,
            derandomize=False,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
        )
        @hypothesis.given(changed)
        def use(content):
            if time.monotonic() > until[0]:
                return
            how, said = self._child.use(target, content)
            self.ends[target, how] += 1
            place = (target, said.partition(":")[0] if " at " in said else said[:40])
            if how == "finding" and place not in self.findings:
                if not last:
                    until[0] = time.monotonic() + SHRINKING
                last[:] = [content, said, place]
                raise AssertionError(said)

        try:
            use()
        except (AssertionError, hypothesis.errors.HypothesisException):
            if last:
                self._found(target, *last)

    def _found(self, target, content, said, place):
        self.findings[place] = said
        name = FOUND / target / hashlib.sha256(content).hexdigest()[:12]
        if self._keep:
            name.parent.mkdir(parents=True, exist_ok=True)
            name.write_bytes(content)
        print(f"FOUND {target}: {said}\n  {name}", flush=True)


def main():
    options = parse()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="unspool-fuzz-") as folder:
        train_models(Path(folder))
        good = tables() | of_models(Path(folder)) | {"checkpoint": checkpoint()}
        targets = options.targets or list(TARGETS)
        fuzzer = Fuzzer(Path(folder), not options.forget)
        left = options.seconds
        for number, target in enumerate(targets):
            started = time.monotonic()
            fuzzer.try_for(target, good[target], left / (len(targets) - number), options.seed)
            left -= time.monotonic() - started
            ends = {how: fuzzer.ends[target, how] for how in ("done", "told", "finding")}
            print(f"{target}: {ends['done']} used, {ends['told']} refused, {ends['finding']} findings", flush=True)
        fuzzer.close()
    tried = sum(fuzzer.ends.values())
    print(f"{tried:,} inputs in {time.monotonic() - began:.0f} s: {len(fuzzer.findings)} findings")
    return 1 if fuzzer.findings else 0


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS], help="kinds of inputs (default: all)")
    parser.add_argument("--seconds", type=float, default=240, help="in all")
    parser.add_argument("--seed", type=int, default=0, help="of the changes")
    parser.add_argument("--forget", action="store_true", help="do not keep what is found")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

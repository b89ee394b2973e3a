"""Compares Crampwatch's SzCORE scoring with the public package `timescoring` on random events.

Usage: python -W error szcore_agrees.py BINARY          the built examples/szcore.rs
       python -W error szcore_agrees.py --write-fixture  writes tests/data/szcore/cases.json, for `cargo test`

Every count and figure must be the same, to the last bit, by SzCORE's constants, by those for cramps, by random ones and by
samples. The stored cases are compared too, with the package's answers of now. Exits 1 at the first difference.
"""

import json
import math
import pathlib
import random
import subprocess
import sys

import numpy
from timescoring.annotations import Annotation
from timescoring.scoring import EventScoring, SampleScoring

FIXTURE = pathlib.Path(__file__).parent.parent / "data" / "szcore" / "cases.json"
N_CASES = 400
N_STORED = 64
SEED = 20261122
RULES = ("tolerance_start_s", "tolerance_end_s", "min_between_s", "max_event_s", "min_overlap")
DEFAULT = dict(zip(RULES, (30, 60, 90, 300, 0)))
CRAMP = dict(zip(RULES, (30, 60, 60, 600, 0)))


class Failure(Exception):
    """The two scorings differ."""


def figures(score):
    """A scoring of the package in our words; NaN as None."""
    known = {
        "sensitivity": score.sensitivity,
        "precision": score.precision,
        "f1": score.f1,
        "false_positives_per_24h": score.fpRate,
    }
    counts = {"ref_true": int(score.refTrue), "tp": int(score.tp), "fp": int(score.fp)}
    return counts | {name: None if math.isnan(value) else float(value) for name, value in known.items()}


def answers(case):
    """What the package says of a case."""
    n_samples = round(case["duration_s"] * case["label_rate_hz"])
    truth, alarms = (Annotation([tuple(e) for e in case[side]], case["label_rate_hz"], n_samples) for side in ("truth", "alarms"))

    def by(rules):
        parameters = EventScoring.Parameters(
            toleranceStart=rules["tolerance_start_s"],
            toleranceEnd=rules["tolerance_end_s"],
            minOverlap=rules["min_overlap"],
            maxEventDuration=rules["max_event_s"],
            minDurationBetweenEvents=rules["min_between_s"],
        )
        return figures(EventScoring(truth, alarms, parameters))

    # A true event wholly beyond the end has no length once it is clipped: 0/0 in numpy, and not found.
    with numpy.errstate(divide="ignore", invalid="ignore"):
        return {
            "default": by(DEFAULT),
            "cramp": by(CRAMP),
            "given": by(case["rules"]),
            "samples": figures(SampleScoring(truth, alarms)),
        }


def a_length_s(rng):
    """A length of an event: often ordinary, sometimes at or beyond a limit, sometimes next to nothing."""
    kinds = (
        lambda: rng.uniform(0, 120),
        lambda: rng.choice((90, 300, 600, 900, 300.05, 599.95, 1200)),
        lambda: rng.uniform(250, 1500),
        lambda: rng.choice((0, 0.02, 0.04, 0.05, 0.06, 0.1, 0.15, 0.5, 1, 1.5)),
    )
    return rng.choices(kinds, (5, 2, 2, 2))[0]()


def a_gap_s(rng):
    """A pause before the next event: negative where they overlap."""
    kinds = (
        lambda: rng.uniform(0, 400),
        lambda: rng.choice((0, 59.9, 60, 60.1, 89.95, 90, 90.05, 30, 120)),
        lambda: -rng.uniform(0, 200),
        lambda: rng.uniform(0, 0.3),
    )
    return rng.choices(kinds, (5, 3, 1, 1))[0]()


def on_grid(rng, seconds):
    """Edges as they are found in files: whole seconds, quarters, hundredths, or anything."""
    grid = rng.choice((1, 4, 10, 20, 100, None, None))
    return seconds if grid is None else round(seconds * grid) / grid


def a_side(rng, duration_s):
    """Events of one side, in order of their starts."""
    events, at = [], rng.choice((0, 0, rng.uniform(0, 300)))
    for _ in range(rng.choice((0, 1, 1, 2, 3, 5, 8, 13))):
        start, end = on_grid(rng, at), on_grid(rng, at + a_length_s(rng))
        if start >= duration_s and rng.random() < 0.8:
            break
        # Mostly cut at the end of the recording, sometimes left to run beyond it.
        end = min(end, duration_s) if rng.random() < 0.8 else end
        events.append([start, max(start, end)])
        at = max(0, end + a_gap_s(rng))
    return sorted(events)


def near(rng, truth, duration_s):
    """Alarms around true events, at the edges of the tolerances among others."""
    alarms = []
    for start, end in truth:
        if rng.random() < 0.75:
            edge = rng.choice((start, end)) + rng.choice((-30, 60, -29.9, -30.1, 59.95, 60.05, 0, rng.uniform(-90, 90)))
            length = a_length_s(rng)
            begin = edge if rng.random() < 0.5 else edge - length
            begin = max(0, on_grid(rng, begin))
            alarms.append([begin, max(begin, min(on_grid(rng, begin + length), duration_s))])
    return sorted(alarms)


def a_case(rng):
    """A recording with its events."""
    label_rate_hz = rng.choice((1, 10, 100, 256))
    duration_s = rng.randint(label_rate_hz, 4000 * label_rate_hz) / label_rate_hz
    truth = a_side(rng, duration_s)
    alarms = near(rng, truth, duration_s) if rng.random() < 0.6 else a_side(rng, duration_s)
    rules = (rng.choice((0, 5, 30, 120)), rng.choice((0, 10, 60)), rng.choice((0, 0.1, 30, 90)), rng.choice((10.1, 60, 300, 600)))
    rules = dict(zip(RULES, (*rules, rng.choice((0, 0.05, 0.25, 0.5, 0.9)))))
    return {"truth": truth, "alarms": alarms, "duration_s": duration_s, "label_rate_hz": label_rate_hz, "rules": rules}


def ask(binary, cases):
    """Our answers."""
    ours = ("truth", "alarms", "duration_s", "rules")
    lines = "".join(json.dumps({name: case[name] for name in ours}) + "\n" for case in cases)
    run = subprocess.run([binary], input=lines, capture_output=True, text=True, timeout=120, check=False)
    if run.returncode != 0:
        raise Failure(f"{binary} ended with {run.returncode}: {run.stderr}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def compare(name, case, ours, theirs):
    """Every figure of a case."""
    for rules, expected in theirs.items():
        found = {figure: ours[rules][figure] for figure in expected}
        if found != expected:
            raise Failure(f"{name}, {rules}: ours {found}, timescoring {expected}, of {json.dumps(case)}")


def main(arguments):
    """Writes the fixture or compares."""
    if len(arguments) != 1:
        raise Failure("one argument expected: the built examples/szcore.rs, or --write-fixture")
    rng = random.Random(SEED)
    cases = [a_case(rng) for _ in range(N_CASES)]
    if arguments == ["--write-fixture"]:
        lines = [json.dumps(case | {"answers": answers(case)}) for case in cases[:N_STORED]]
        FIXTURE.write_text("[\n" + ",\n".join(lines) + "\n]\n")
        print(f"{FIXTURE}: {N_STORED} cases")
        return
    theirs = [answers(case) for case in cases]
    for number, (case, ours, expected) in enumerate(zip(cases, ask(arguments[0], cases), theirs, strict=True)):
        compare(f"case {number}", case, ours, expected)
    for number, case in enumerate(json.loads(FIXTURE.read_text())):
        compare(f"stored case {number}", case, case["answers"], answers(case))
    total = {count: sum(answer["default"][count] for answer in theirs) for count in ("ref_true", "tp", "fp")}
    print(f"{N_CASES} cases agree with timescoring to the last bit; by its constants they have {total}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Failure as failure:
        sys.exit(f"error: {failure}")

"""Opens the EDF+ files of Crampwatch with pyedflib and compares every sample with a reader of four lines.

Usage: python -W error edf_opens.py FILE_OR_FOLDER…

Run with `-W error`, so that a warning of pyedflib is a failure. What is checked for each file: it is EDF+C, every digital
sample equals the bytes in the file, physical values lie within the header's range, annotations lie within the file and
gaps, lead-off and markers carry the texts of docs/formats.md. For the segments of one leg also: they follow each other
without an overlap. Prints one line a file; exits 1 at the first failure.
"""

import datetime
import hashlib
import pathlib
import sys

import numpy
import pyedflib
from edf_roundtrip import describe

NIGHT_TEXTS = {"Gap", "Lead off", "Marker"}
FILE_TYPE_EDFPLUS = 1


class Failure(Exception):
    """A file is not what it should be."""


def require(condition, message):
    """Like assert, but not to be optimised away."""
    if not condition:
        raise Failure(message)


def edf_files(paths):
    """All EDF files that are given or lie below a given folder, in order of name."""
    files = []
    for path in map(pathlib.Path, paths):
        found = sorted(path.rglob("*.edf")) if path.is_dir() else [path]
        require(found, f"{path}: no EDF file in this folder")
        files += found
    return files


def raw_samples(path, n_records):
    """Label and digital samples of each ordinary signal, straight from the bytes; annotation signals are left out."""
    data = path.read_bytes()
    n_signals = int(data[252:256])
    labels = [data[256 + 16 * s : 272 + 16 * s].decode("ascii").strip() for s in range(n_signals)]
    widths = [int(data[256 + 216 * n_signals + 8 * s :][:8]) for s in range(n_signals)]
    records = numpy.frombuffer(data[256 * (n_signals + 1) :], "<i2").reshape(-1, sum(widths))
    require(len(records) == n_records, f"{len(records)} records, header says {n_records}")
    parts = numpy.split(records, numpy.cumsum(widths)[:-1], axis=1)
    return [(label, part.ravel()) for label, part in zip(labels, parts) if label != "EDF Annotations"]


def check_signals(path, report):
    """Every sample as the bytes say, every value in range; gives the number of samples."""
    raw = raw_samples(path, report["n_records"])
    labels = [signal["label"].strip() for signal in report["signals"]]
    require([label for label, _ in raw] == labels, f"signals {labels} differ from the header's")
    for signal, (label, samples) in zip(report["signals"], raw):
        sha256 = hashlib.sha256(samples.tobytes()).hexdigest()
        require(signal["digital_sha256"] == sha256, f"{label}: samples differ from the bytes of the file")
        low, high = signal["digital"]
        require(samples.min() >= low and samples.max() <= high, f"{label}: samples outside {low} to {high}")
    return sum(len(samples) for _, samples in raw)


def check_annotations(report):
    """Every annotation within the file; gives how many there are of each text."""
    counts = {}
    for note in report["annotations"]:
        onset_s, duration_s, text = note["onset_s"], note["duration_s"], note["text"]
        # The header's second is the floor of the start, so times may lie up to a second beyond the duration.
        within = -1e-6 <= onset_s and onset_s + max(duration_s, 0) <= report["duration_s"] + 1
        require(within, f"annotation {text!r} at {onset_s} s for {duration_s} s lies outside the file")
        require(text.strip() == text and text, f"annotation text {text!r}")
        if text in NIGHT_TEXTS and text != "Marker":
            require(duration_s > 0, f"{text!r} at {onset_s} s has no length")
        counts[text] = counts.get(text, 0) + 1
    return counts


def check_file(path):
    """Checks one file; gives its start, its end and a line about it."""
    report = describe(str(path))
    require(report["filetype"] == FILE_TYPE_EDFPLUS, f"file type {report['filetype']}, expected EDF+")
    require(report["duration_s"] > 0, "no duration")
    n_samples = check_signals(path, report)
    counts = check_annotations(report)
    start = datetime.datetime.fromisoformat(report["start"])
    end = start + datetime.timedelta(seconds=report["duration_s"])
    return start, end, f"{path.name}: {len(report['signals'])} signals, {n_samples} samples, {counts or 'no annotations'}"


def check_order(path, start, ends):
    """The segments of one leg do not overlap. Header times are whole seconds, so one second is allowed."""
    leg = (path.parent, path.name.rsplit("_", 1)[0])
    if leg in ends:
        overlap_s = (ends[leg] - start).total_seconds()
        require(overlap_s <= 1.0, f"begins {overlap_s} s before the end of the segment before it")


def main(paths):
    """Checks all files."""
    require(paths, "no files given: name EDF files or folders")
    files = edf_files(paths)
    ends = {}
    for path in files:
        try:
            start, end, line = check_file(path)
            if path.parent.name == "nights":
                check_order(path, start, ends)
                ends[(path.parent, path.name.rsplit("_", 1)[0])] = end
        except (Failure, OSError, Warning, ValueError) as failure:
            raise Failure(f"{path}: {failure}") from failure
        print(line)
    print(f"{len(files)} files open in pyedflib {pyedflib.__version__} as they should")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Failure as failure:
        sys.exit(f"error: {failure}")

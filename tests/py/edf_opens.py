"""Opens the EDF+ files of Crampwatch with pyedflib and compares every sample with a reader of four lines.

Usage: python -W error edf_opens.py FILE_OR_FOLDER…

Run with `-W error`, so that a warning of pyedflib is a failure. What is checked for each file: it is EDF+C, every digital
sample equals the bytes in the file, physical values lie within the header's range, annotations lie within the file and
gaps, lead-off and markers carry the texts of docs/formats.md. For the segments of one leg also: they follow each other
without an overlap. Prints one line a file; exits 1 at the first failure.
"""

import datetime
import pathlib
import sys

import numpy
import pyedflib

NIGHT_TEXTS = {"Gap", "Lead off", "Marker"}


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


def raw_samples(path, reader):
    """Digital samples of each ordinary signal, straight from the bytes; annotation signals are left out."""
    data = path.read_bytes()
    n_signals = int(data[252:256])
    labels = [data[256 + 16 * s : 272 + 16 * s].decode("ascii").strip() for s in range(n_signals)]
    widths = [int(data[256 + 216 * n_signals + 8 * s :][:8]) for s in range(n_signals)]
    records = numpy.frombuffer(data[256 * (n_signals + 1) :], "<i2").reshape(-1, sum(widths))
    require(len(records) == reader.datarecords_in_file, f"{len(records)} records, header says {reader.datarecords_in_file}")
    parts = numpy.split(records, numpy.cumsum(widths)[:-1], axis=1)
    return {label: part.ravel() for label, part in zip(labels, parts) if label != "EDF Annotations"}


def check_signals(path, reader):
    """Every sample as the bytes say, every value in range; gives the number of samples."""
    raw = raw_samples(path, reader)
    labels = [label.strip() for label in reader.getSignalLabels()]
    require(list(raw) == labels, f"signals {labels}, expected {list(raw)}")
    for index, label in enumerate(labels):
        digital = reader.readSignal(index, digital=True)
        require(numpy.array_equal(digital, raw[label]), f"{label}: samples differ from the bytes of the file")
        low, high = reader.getPhysicalMinimum(index), reader.getPhysicalMaximum(index)
        physical = reader.readSignal(index)
        slack = 1e-9 * (high - low)
        require(physical.min() >= low - slack and physical.max() <= high + slack, f"{label}: outside {low} to {high}")
    return sum(len(samples) for samples in raw.values())


def check_annotations(reader):
    """Every annotation within the file; gives how many there are of each text."""
    counts = {}
    for onset_s, duration_s, text in zip(*reader.readAnnotations()):
        text = str(text)
        end_s = onset_s + max(duration_s, 0)
        # The header's second is the floor of the start, so times may lie up to a second beyond the duration.
        require(-1e-6 <= onset_s and end_s <= reader.getFileDuration() + 1, f"annotation {text!r} at {onset_s} s")
        require(text.strip() == text and text, f"annotation text {text!r}")
        if text in NIGHT_TEXTS and text != "Marker":
            require(duration_s > 0, f"{text!r} at {onset_s} s has no length")
        counts[text] = counts.get(text, 0) + 1
    return counts


def check_file(path):
    """Checks one file; gives its start, its end and a line about it."""
    with pyedflib.EdfReader(str(path)) as reader:
        require(reader.filetype == pyedflib.FILETYPE_EDFPLUS, f"file type {reader.filetype}, expected EDF+")
        require(reader.getFileDuration() > 0, "no duration")
        n_samples = check_signals(path, reader)
        counts = check_annotations(reader)
        start = reader.getStartdatetime()
        end = start + datetime.timedelta(seconds=reader.getFileDuration())
        return start, end, f"{path.name}: {reader.signals_in_file} signals, {n_samples} samples, {counts or 'no annotations'}"


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

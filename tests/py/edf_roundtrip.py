"""Opens EDF files with pyedflib, any warning being an error, and prints what they say as JSON.

Usage: python edf_roundtrip.py FILE.edf...    (needs: pip install pyedflib)
Exit code 1 if a file cannot be opened or gives a warning. Onsets are relative to the exact first sample.
"""

import hashlib
import json
import sys
import warnings

warnings.simplefilter("error")

import numpy  # noqa: E402
import pyedflib  # noqa: E402


def describe(path):
    reader = pyedflib.EdfReader(path, pyedflib.READ_ALL_ANNOTATIONS, pyedflib.CHECK_FILE_SIZE)
    try:
        signals = []
        for index in range(reader.signals_in_file):
            digital = reader.readSignal(index, digital=True).astype(numpy.int64)
            signals.append(
                {
                    "label": reader.getLabel(index),
                    "unit": reader.getPhysicalDimension(index),
                    "rate_hz": reader.getSampleFrequency(index),
                    "physical": [reader.getPhysicalMinimum(index), reader.getPhysicalMaximum(index)],
                    "digital": [reader.getDigitalMinimum(index), reader.getDigitalMaximum(index)],
                    "n_samples": len(digital),
                    "digital_sum": int(digital.sum()),
                    "digital_sha256": hashlib.sha256(digital.astype("<i2").tobytes()).hexdigest(),
                }
            )
        onsets, durations, texts = reader.readAnnotations()
        return {
            "file": path,
            "filetype": int(reader.filetype),
            "start": reader.getStartdatetime().isoformat(),
            "start_subsecond_100ns": int(reader.starttime_subsecond),
            "equipment": reader.getEquipment(),
            "duration_s": float(reader.file_duration),
            "n_records": int(reader.datarecords_in_file),
            "signals": signals,
            "annotations": [
                {"onset_s": float(onset), "duration_s": float(duration), "text": str(text)}
                for onset, duration, text in zip(onsets, durations, texts)
            ],
        }
    finally:
        reader.close()


def main(paths):
    if not paths:
        print(__doc__, file=sys.stderr)
        return 2
    failed = False
    reports = []
    for path in paths:
        try:
            reports.append(describe(path))
        except (OSError, ValueError, Warning) as error:
            print(f"{path}: {type(error).__name__}: {error}", file=sys.stderr)
            failed = True
    json.dump(reports, sys.stdout, indent=1, ensure_ascii=False)
    print()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

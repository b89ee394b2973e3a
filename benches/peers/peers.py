"""The same night through crampwatch, through numpy/scipy, and through NeuroKit2: ratios of medians of interleaved runs.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install -r benches/peers/requirements.txt
    cargo build --release
    /tmp/peers/bin/python benches/peers/peers.py

One core for all (taskset), one night of 8 h of 2 x 1 kHz EMG and 3 x 100 Hz acceleration from `crampwatch simulate`. crampwatch is
timed as a user runs it: `score`, with starting, reading the EDF file, quality, quiet level, features, trees and
episodes. numpy/scipy gets arrays that lie in memory already and does filters and features only, whole arrays at
a time, no Python loop over samples or windows. NeuroKit2 does what its users call: `emg_process` for each channel, on
the first minutes (it would take most of an hour for eight hours), its time multiplied accordingly.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pyedflib
from scipy import signal

RATE = 1000
ACC_RATE = 100


def read(path):
    """EMG (channels x samples, µV) and acceleration (3 x samples, g)."""
    with pyedflib.EdfReader(str(path)) as edf:
        labels = edf.getSignalLabels()
        of = lambda start: np.array([edf.readSignal(i) for i, label in enumerate(labels) if label.startswith(start)])
        return of("EMG"), of("ACC")


def filters():
    """Fourth-order 20-450 Hz band-pass and the four mains notches, as second-order sections."""
    band = signal.butter(4, [20, 450], "bandpass", fs=RATE, output="sos")
    notches = [signal.tf2sos(*signal.iirnotch(hz, 30, RATE)) for hz in (50, 60, 150, 180)]
    return band, np.vstack(notches)


def trailing(values, n):
    """Mean of the last n values at each place, along the last axis."""
    total = np.cumsum(values, axis=-1)
    total[..., n:] = total[..., n:] - total[..., :-n]
    return total / n


def half_squared(blocks, join):
    """Half the mean squared difference of neighbouring ln powers, in each quarter, of `join` blocks together."""
    power = blocks.reshape(*blocks.shape[:-1], -1, join).mean(axis=-1)
    return 0.5 * np.mean(np.diff(np.log(np.maximum(power, 1e-3)), axis=-1) ** 2, axis=-1)


def pipeline(emg, acc):
    """Filters, quarter-second sums, quiet level and the features of the set `quarters-4` in their main groups."""
    band, notches = filters()
    banded = signal.sosfilt(band, emg, axis=-1)
    clean = signal.sosfilt(notches, banded, axis=-1)
    quarters = clean.shape[-1] // (RATE // 4)
    clean, banded = clean[:, : quarters * 250], banded[:, : quarters * 250]
    shape = (clean.shape[0], quarters, 250)
    first = np.diff(clean, axis=-1, prepend=0.0)
    second = np.diff(first, axis=-1, prepend=0.0)
    square, first_square = clean * clean, first * first
    power = square.reshape(shape).mean(axis=-1)
    sums = {
        "difference": first_square.reshape(shape).mean(axis=-1),
        "curvature": (second * second).reshape(shape).mean(axis=-1),
        "fourth": (square * square).reshape(shape).mean(axis=-1),
        "mains": 1.0 - power / np.maximum((banded * banded).reshape(shape).mean(axis=-1), 1e-12),
    }
    edges = np.ceil(np.arange(16) * 250 / 16).astype(int)
    counts = np.diff(np.append(edges, 250))
    blocks = [np.add.reduceat(x.reshape(shape), edges, axis=-1) / counts for x in (square, first_square)]
    # A running low percentile of the level in windows of ten minutes.
    rms = np.sqrt(power)
    level = np.sqrt(trailing(power, 4))
    slow = np.lib.stride_tricks.sliding_window_view(np.pad(rms, ((0, 0), (2399, 0)), mode="edge"), 2400, axis=-1)[:, ::40]
    quiet = np.repeat(np.percentile(slow, 15, axis=-1), 40, axis=-1)[:, :quarters]
    ratio = level / quiet
    features = [np.log(np.maximum(ratio, 0.1))]
    features += [trailing(ratio > 2.0, n) for n in (40, 120)]
    features += [np.log(np.maximum(trailing(value, 4), 1e-9)) for value in sums.values()]
    for part in blocks:
        for join in (1, 2, 4, 8):
            steps = half_squared(part, join)
            features += [np.log(np.maximum(trailing(steps, n), 1e-9)) for n in (12, 40)]
    logs = np.log(np.maximum(rms, 0.05))
    for n in (24, 40, 120):
        features.append(np.sqrt(np.maximum(trailing(logs * logs, n) - trailing(logs, n) ** 2, 0)))
    # Envelope spectra only where something happens, as crampwatch does.
    peaks = np.maximum.reduceat(square.reshape(shape), edges, axis=-1)
    for part in (np.sqrt(blocks[0]), np.sqrt(blocks[1]), peaks):
        envelope = part.reshape(part.shape[0], -1)
        for channel in range(part.shape[0]):
            active = np.flatnonzero(ratio[channel] > 1.5)
            active = active[active >= 4]
            windows = np.lib.stride_tricks.sliding_window_view(envelope[channel], 64)[(active - 3) * 16]
            windows = (windows / np.maximum(windows.mean(axis=-1, keepdims=True), 1e-6) - 1.0) * np.hanning(64)
            spectrum = np.abs(np.fft.rfft(windows, axis=-1))[:, 1:] ** 2
            features.append(np.log(np.maximum(np.add.reduceat(spectrum, [0, 2, 4, 6, 8, 10, 13, 17, 23], axis=-1), 1e-9)))
    acc = acc[:, : quarters * 25].reshape(3, quarters, 25)
    mean = acc.mean(axis=-1)
    movement = np.sqrt(np.maximum((acc * acc).sum(axis=0).mean(axis=-1) - (mean * mean).sum(axis=0), 0))
    features += [np.log(np.maximum(trailing(movement, n), 5e-4)) for n in (8, 40, 120)]
    gravity = trailing(mean, 4)
    before = np.roll(trailing(mean, 60), 60, axis=-1)
    cosine = (gravity * before).sum(axis=0) / np.maximum(np.linalg.norm(gravity, axis=0) * np.linalg.norm(before, axis=0), 1e-9)
    features.append(np.arccos(np.clip(cosine, -1, 1)))
    return features


def neurokit(emg, minutes):
    import neurokit2

    for channel in emg:
        neurokit2.emg_process(channel[: 60 * minutes * RATE], sampling_rate=RATE)


def timed(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crampwatch", default="target/release/crampwatch")
    parser.add_argument("--hours", type=int, default=8)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--neurokit-runs", type=int, default=3)
    parser.add_argument("--neurokit-minutes", type=int, default=5)
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        command = [options.crampwatch, "simulate", "--out", folder, "--hours", str(options.hours), "--seed", "103", "--cramps", "4"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (path,) = pathlib.Path(folder).glob("*.edf")
        emg, acc = read(path)
        score = [options.crampwatch, "score", "--format", "json", str(path)]
        run_score = lambda: subprocess.run(score, check=True, stdout=subprocess.DEVNULL)
        run_score()
        times = {"crampwatch score": [], "numpy/scipy": [], "NeuroKit2": []}
        for run in range(options.runs):
            times["crampwatch score"].append(timed(run_score))
            times["numpy/scipy"].append(timed(lambda: pipeline(emg, acc)))
            if run < options.neurokit_runs:
                times["NeuroKit2"].append(timed(lambda: neurokit(emg, options.neurokit_minutes)) * options.hours * 60 / options.neurokit_minutes)
            print(f"run {run + 1} of {options.runs} done", file=sys.stderr)
    ours = statistics.median(times["crampwatch score"])
    print(f"one night of {options.hours} h, 2 x {RATE} Hz EMG, 3 x {ACC_RATE} Hz acceleration, one core; medians of interleaved runs")
    for name, seconds in times.items():
        if seconds:
            median = statistics.median(seconds)
            print(f"  {name:<18} {median:9.2f} s  {options.hours * 3600 / median:9.0f} x real time  {median / ours:7.1f} x the time of crampwatch")


if __name__ == "__main__":
    main()

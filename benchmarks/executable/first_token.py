#!/usr/bin/env python3
"""From the start of a published executable to the first byte of its answer: what a person waits for.

The first run warms the file cache and is not counted. Linux and macOS; needs nothing but Python.
"""
import argparse
import statistics
import subprocess
import sys
import time


def main():
    parser = argparse.ArgumentParser(description="Measures start to first token of a published executable.")
    parser.add_argument("executable")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--prompt", default="Hello, who are you?", help="the default makes about 10 tokens beside what the chat template adds")
    parser.add_argument("--at-most", type=float, metavar="MS", help="fail where the median is above this")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs must be at least 1")
    first_byte(options)  # warms the file cache
    times = sorted(first_byte(options) for _ in range(options.runs))
    median = statistics.median(times)
    print(f"start to first token, {options.runs} runs: median {median:.1f} ms, least {times[0]:.1f}, most {times[-1]:.1f}")
    if options.at_most is not None and median > options.at_most:
        sys.exit(f"first_token.py: the median is above {options.at_most:g} ms")


def first_byte(options):
    start = time.perf_counter()
    try:
        process = subprocess.Popen([options.executable, options.prompt], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    except OSError as error:
        sys.exit(f"first_token.py: {options.executable} cannot be started: {error.strerror}")
    with process:
        byte = process.stdout.read(1)
        elapsed = (time.perf_counter() - start) * 1000
        process.kill()
        if not byte:
            sys.exit(f"first_token.py: {options.executable} said nothing: {process.stderr.read().decode(errors='replace').strip()}")
    return elapsed


if __name__ == "__main__":
    main()

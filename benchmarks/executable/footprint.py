#!/usr/bin/env python3
"""How much a published executable and the packing of its model take: bytes on disk without the weights, peak resident memory of a run with a
prompt of some 512 tokens and 64 generated ones, time and private memory of packing. Linux; needs nothing but Python.
"""
import argparse
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KFORGE = ROOT / "src/KernelForge.Cli/bin/Release/net10.0/kforge.dll"
TRAILER = struct.Struct("<8sqq8s")


def main():
    parser = argparse.ArgumentParser(description="Measures size, memory and packing.")
    parser.add_argument("--executable", help="a published executable that carries one model and takes --file, --max-tokens and --stats as the sample does")
    parser.add_argument("--model", help="a GGUF file to pack with kforge")
    parser.add_argument("--kforge", default=str(KFORGE), help="kforge.dll; without it, the one that is built here")
    options = parser.parse_args()
    if not options.executable and not options.model:
        parser.error("give --executable, --model or both")
    if options.executable:
        measure_executable(options.executable)
    if options.model:
        measure_packing(options.kforge, options.model)


def measure_executable(path):
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        file.seek(size - TRAILER.size)
        magic, offset, length, _ = TRAILER.unpack(file.read())
    if magic != b"KFWTRAIL":
        sys.exit(f"footprint.py: {path} carries no packed weights")
    print(f"executable without weights  {offset / 1e6:.2f} MB of {size / 1e6:.2f} MB")

    with tempfile.TemporaryDirectory() as folder:
        prompt = pathlib.Path(folder, "prompt.txt")
        prompt.write_text("Repeat the last of these words. " + "one two three four " * 118)
        process = subprocess.Popen([path, "--file", prompt, "--max-tokens", "64", "--stats"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        report = process.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"footprint.py: {path} failed: {report.strip()}")
    peak = usage.ru_maxrss * 1024
    prefill = re.search(r"prefill +(\d+) new", report)
    decode = re.search(r"decode +(\d+) tokens", report)
    print(f"peak resident memory        {peak / 1e6:.1f} MB, {peak / length:.2f} times the packed file; {prefill[1]} prompt and {decode[1]} generated tokens")


def measure_packing(kforge, model):
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        process = subprocess.Popen(["dotnet", kforge, "pack", model, "-o", str(pathlib.Path(folder, "packed.kfw"))], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        private = 0
        while process.poll() is None:
            private = max(private, anonymous_memory(process.pid))
            time.sleep(0.005)
        elapsed = time.perf_counter() - start
        output = process.stdout.read().strip()
    if process.returncode != 0:
        sys.exit(f"footprint.py: packing failed: {output}")
    print(f"packing                     {elapsed:.2f} s with the start of kforge; {output.split(' bytes in ')[-1].split(',')[0]} by its own count")
    print(f"private memory of packing   {private / 1e6:.1f} MB at most, looked at every 5 ms")


def anonymous_memory(process):
    """Bytes that are the process's own: not the mapped model, which the system can drop at any time."""
    try:
        with open(f"/proc/{process}/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass  # It ended between two looks.
    return 0


if __name__ == "__main__":
    main()

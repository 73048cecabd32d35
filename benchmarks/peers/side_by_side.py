#!/usr/bin/env python3
"""Every model that the goals name, ours against llama.cpp, in turn, as a table.

Models of real shape with random weights are written into the cache first (3.6 GB in all). Takes about an hour with the default five rounds; --rounds 2 and a
choice of models take minutes. Needs a built kforge and what compare.py needs.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys

import compare

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "kernelforge-models"
REAL = HERE.parent.parent / "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
MODELS = ["smollm2-135m-instruct"] + [f"{shape}-{kind}" for shape in ("smollm2-135m", "qwen3-0.6b", "qwen3-1.7b", "moe-0.9b") for kind in ("Q4_0", "Q8_0")]

# ik_llama.cpp over llama.cpp, decode and prefill of 512, two threads, as they were measured side by side on another machine (AMD Zen 5): the next mark.
FORK = {"smollm2-135m-Q4_0": (1.05, 1.85), "qwen3-0.6b-Q4_0": (1.08, 1.55), "moe-0.9b-Q4_0": (1.50, 2.86)}


def main():
    options = parse()
    print("| model | threads | decode, tokens/s | peer | ratio | share of the roof | prefill " + str(options.prompt) + " | peer | ratio | ik_llama.cpp: decode, prefill |")
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for name in options.models:
        options.model = str(path(name))
        compare.prepare(options)
        for threads in options.threads_list:
            options.threads = threads
            rounds = [(compare.measure_ours(compare.kforge(options), options), compare.measure_peer(options)) for _ in range(options.rounds)]
            print("| " + " | ".join([name, str(threads), *row(rounds, "decode"), share(rounds), *row(rounds, "prefill"), fork(name)]) + " |", flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL", help=f"of {', '.join(MODELS)}; none: all")
    parser.add_argument("-t", "--threads", dest="threads_list", type=lambda text: [int(part) for part in text.split(",")], default=[1, 2], help="e.g. 1,2")
    compare.add_workload(parser)
    options = parser.parse_args()
    options.models = options.models or MODELS
    for name in options.models:
        if name not in MODELS:
            parser.error(f"{name}: not one of {', '.join(MODELS)}")
    if options.rounds < 1 or (options.prompt == 0 and options.generate == 0):
        parser.error("there is nothing to measure")
    return options


def path(name):
    if name == MODELS[0]:
        return REAL
    file = CACHE / f"{name}.gguf"
    if not file.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        shape, kind = name.rsplit("-", 1)
        subprocess.run([sys.executable, str(HERE / "synth_gguf.py"), shape, kind, str(part)], check=True, stdout=subprocess.DEVNULL)
        part.rename(file)
    return file


def row(rounds, half):
    pairs = [(mine[half], peer[half]) for mine, peer in rounds if mine[half] and peer[half]]
    if not pairs:
        return ["-", "-", "-"]
    ratios = [mine / peer for mine, peer in pairs]
    return [f"{statistics.median(mine for mine, _ in pairs):.1f}", f"{statistics.median(peer for _, peer in pairs):.1f}",
            f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f})"]


def share(rounds):
    shares = [mine["roof"] for mine, _ in rounds if mine["roof"]]
    return f"{statistics.median(shares):.0%}" if shares else "-"


def fork(name):
    return "{:.2f}, {:.2f}".format(*FORK[name]) if name in FORK else "-"


if __name__ == "__main__":
    main()

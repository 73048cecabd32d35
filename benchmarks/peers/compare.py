#!/usr/bin/env python3
"""Decode and prefill of kforge and of llama.cpp on the same file with the same threads, in turn: A B A B.

On a shared machine absolute figures drift by a factor of two; a ratio of two runs that follow each other drifts less, and its spread over
the rounds says how much. Needs a built kforge (dotnet build src/KernelForge.Cli -c Release) and nothing else but Python.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
KFORGE = HERE.parent.parent / "src/KernelForge.Cli/bin/Release/net10.0/kforge.dll"


def main():
    options = parse()
    ours = kforge(options)
    prepare(options)
    rounds = []
    print("round   decode t/s    peer   ratio   roof   prefill t/s    peer   ratio", flush=True)
    for number in range(1, options.rounds + 1):
        mine, peer = measure_ours(ours, options), measure_peer(options)
        rounds.append((mine, peer))
        print(f"{number:5}   " + half(mine["decode"], peer["decode"]) + f"  {share(mine['roof'])}   " + half(mine["prefill"], peer["prefill"]), flush=True)
    print()
    for name in ("decode", "prefill"):
        ratios = [mine[name] / peer[name] for mine, peer in rounds if mine[name] and peer[name]]
        if ratios:
            print(f"{name:8} ratio: median {statistics.median(ratios):.2f}, least {min(ratios):.2f}, most {max(ratios):.2f} of {len(ratios)} rounds")


def parse():
    parser = argparse.ArgumentParser(description="Compares kforge with llama.cpp's llama-bench, in turn.")
    parser.add_argument("model", help="a GGUF file that both read")
    parser.add_argument("-t", "--threads", type=int, default=2)
    add_workload(parser)
    options = parser.parse_args()
    if not pathlib.Path(options.model).is_file():
        parser.error(f"{options.model}: no such file")
    if options.rounds < 1 or (options.prompt == 0 and options.generate == 0):
        parser.error("there is nothing to measure")
    return options


def add_workload(parser):
    parser.add_argument("-p", "--prompt", type=int, default=512, help="prompt tokens; 0: no prefill")
    parser.add_argument("-n", "--generate", type=int, default=64, help="generated tokens; 0: no decode")
    parser.add_argument("-r", "--repetitions", type=int, default=3, help="of each program in each round; their mean counts")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kforge", help="kforge or kforge.dll; without it, the one that is built here")
    parser.add_argument("--peer", default=str(HERE / "llama-bench.sh"), help="llama-bench; without it, the one that llama-bench.sh prepares")
    parser.add_argument("--peer-options", default="-fa 1", help="more options for llama-bench (default: %(default)s)")


def kforge(options):
    path = pathlib.Path(options.kforge or KFORGE)
    if not path.is_file():
        sys.exit(f"compare.py: {path} is not there. Build it: dotnet build src/KernelForge.Cli -c Release")
    return ["dotnet", str(path)] if path.suffix == ".dll" else [str(path)]


def prepare(options):
    """Compiles and packs, which are not to be measured."""
    run(kforge(options) + ["bench", options.model, "-p", "8", "-n", "2", "-r", "1", "--json"])


def workload(options):
    return ["-p", str(options.prompt), "-n", str(options.generate), "-t", str(options.threads), "-r", str(options.repetitions)]


def measure_ours(command, options):
    result = json.loads(run(command + ["bench", options.model, "--json"] + workload(options)))
    return {"decode": result.get("decodeTokensPerSecond"), "prefill": result.get("prefillTokensPerSecond"), "roof": result.get("shareOfRoof")}


def measure_peer(options):
    results = json.loads(run([options.peer, "-m", options.model, "-o", "json"] + workload(options) + options.peer_options.split()))
    rate = lambda test: next((result["avg_ts"] for result in results if test(result)), None)
    return {"decode": rate(lambda r: r["n_gen"] > 0 and r["n_prompt"] == 0), "prefill": rate(lambda r: r["n_prompt"] > 0 and r["n_gen"] == 0)}


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"compare.py: {' '.join(command)} failed with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def half(mine, peer):
    return f"{mine:10.1f} {peer:7.1f} {mine / peer:7.2f}" if mine and peer else f"{'-':>10} {'-':>7} {'-':>7}"


def share(roof):
    return f"{roof:4.0%}" if roof else "   -"


if __name__ == "__main__":
    main()

#!/usr/bin/env bash
# Runs llama.cpp's own llama-bench; what is not there yet is prepared on the first call (some minutes; needs node, npm, git and g++).
# The libraries are those that node-llama-cpp ships, which choose their code for this processor; llama-bench is compiled from the source bundle in
# the same package, so program and libraries are of one version.
#
#   llama-bench.sh -m MODEL.gguf -t 2 -p 512 -n 64 -r 3 -fa 1 -o json     every argument goes to llama-bench
#
# LLAMA_BENCH=/path/to/llama-bench   an installed one is used instead
# KERNELFORGE_PEERS=folder           where the prepared one lies (default: the user's cache)
set -euo pipefail

version=3.22.1
if [ -n "${LLAMA_BENCH:-}" ]; then exec "$LLAMA_BENCH" "$@"; fi

home=${KERNELFORGE_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/kernelforge-peers}
program=$home/bin/llama-bench
if [ ! -x "$program" ]; then
  for tool in node npm git g++; do
    command -v "$tool" >/dev/null || { echo "llama-bench.sh: '$tool' is needed to prepare llama.cpp. Install it, or name an installed llama-bench with LLAMA_BENCH." >&2; exit 1; }
  done
  [ "$(uname -sm)" = "Linux x86_64" ] || { echo "llama-bench.sh: only Linux on x86-64 is prepared by itself. Name an installed llama-bench with LLAMA_BENCH." >&2; exit 1; }
  echo "preparing llama.cpp of node-llama-cpp $version in $home" >&2
  mkdir -p "$home/npm" "$home/bin"
  (cd "$home/npm" && npm init -y && npm install --ignore-scripts --no-audit --no-fund "node-llama-cpp@$version" "@node-llama-cpp/linux-x64@$version") >&2
  [ -d "$home/src" ] || git clone -q "$home/npm/node_modules/node-llama-cpp/llama/gitRelease.bundle" "$home/src"
  libraries=$(dirname "$(find "$home/npm/node_modules/@node-llama-cpp/linux-x64/bins" -name libggml-base.so -print -quit)")
  cp "$libraries"/*.so "$home/bin"
  for name in llama ggml; do ln -sf "$(basename "$home/bin/lib$name".v*.so)" "$home/bin/lib$name.so"; done
  # Under another name until it is complete: an interrupted preparation is taken up again.
  (cd "$home/src" && g++ -O2 -DNDEBUG -std=c++17 -Iinclude -Iggml/include -Icommon -Ivendor -Isrc tools/llama-bench/llama-bench.cpp tools/llama-bench/main.cpp \
    -o "$program.part" -L"$home/bin" -lllama-common -lllama -lggml -lggml-base -Wl,-rpath,'$ORIGIN' -lpthread) >&2
  mv "$program.part" "$program"
fi
exec "$program" "$@"

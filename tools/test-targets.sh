#!/usr/bin/env bash
# Compiles and links the runtime's and the trainer's native libraries for systems that are not here, by the cross compiler of
# PyPI's `ziglang`: Windows, macOS and Linux on ARM. It shows that the sources build there; nothing is run.
# Needs an environment with ziglang and jaxlib. TARGETS chooses: "x86_64-windows-gnu aarch64-macos".
set -euo pipefail
python=$(realpath -s "${1:?usage: test-targets.sh PYTHON}")
checkout=$(cd "$(dirname "$0")/.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
xla=$("$python" -c "import importlib.util, pathlib; print(pathlib.Path(importlib.util.find_spec('jaxlib').origin).parent / 'include')")
sources() { tr '\n' ' ' < "$checkout/native/kernels.cmake" | grep -o "unspool_sources(UNSPOOL_$1 [^)]*" | cut -d' ' -f2-; }
per_isa=($(sources KERNELS))
once=($(sources CORE) $(sources TEXTS))

for target in ${TARGETS:-x86_64-windows-gnu x86_64-macos aarch64-macos aarch64-linux-gnu.2.28}; do
  flags=(-target "$target" -std=c++17 -O1 -fvisibility=hidden -ffp-contract=off -Wall -Wextra -Werror -Wno-psabi)
  case $target in *windows*) ;; *) flags+=(-fPIC) ;; esac
  isas=(baseline)
  case $target in x86_64*) isas=(avx512 avx2 baseline) ;; esac
  objects=()
  compile() { # source, object, further flags
    "$python" -m ziglang c++ "${flags[@]}" "${@:3}" -c "$checkout/native/$1.cc" -o "$out/$2.o"
  }
  for isa in "${isas[@]}"; do
    case $isa in
      avx512) set -- -mcpu=x86_64_v4 ;;
      avx2) set -- -mcpu=x86_64_v3 ;;
      *) set -- ;;
    esac
    for stem in "${per_isa[@]}"; do
      compile "$stem" "$stem-$isa" "-DUNSPOOL_ISA=$isa" "$@"
      objects+=("$out/$stem-$isa.o")
    done
  done
  for stem in "${once[@]}"; do
    compile "$stem" "$stem"
    objects+=("$out/$stem.o")
  done
  compile ffi ffi -isystem "$xla"
  compile random_trees random_trees
  for library in runtime trainer; do
    [ $library = trainer ] && objects+=("$out/ffi.o" "$out/random_trees.o")
    "$python" -m ziglang c++ -target "$target" -shared "${objects[@]}" -o "$out/$library.so"
  done
  echo "$target: compiled for ${isas[*]} and linked, $(stat -c %s "$out/trainer.so") bytes"
done

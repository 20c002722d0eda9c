#!/usr/bin/env bash
# Builds the kernels for ARM (aarch64, where vectors are NEON's) and runs them in an emulator: the kernels' own tests, and the
# program in C of runtime/examples with the runtime's library, whose answers must be those of unspool-runtime here.
# Needs cmake, an environment with unspool-runtime, and of Debian g++-aarch64-linux-gnu, gcc-aarch64-linux-gnu and qemu-user.
set -euo pipefail
python=$(realpath -s "${1:?usage: test-arm.sh PYTHON}")
checkout=$(cd "$(dirname "$0")/.." && pwd)
build="$checkout/build/arm"
system=${ARM_ROOT:-/usr/aarch64-linux-gnu}
compilers=${ARM_COMPILERS:-aarch64-linux-gnu-}
for program in cmake qemu-aarch64 "${compilers}g++" "${compilers}gcc"; do
  command -v "$program" >/dev/null || { echo "test-arm.sh: $program is not installed"; exit 1; }
done

cross=(-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 "-DCMAKE_C_COMPILER=${compilers}gcc"
  "-DCMAKE_CXX_COMPILER=${compilers}g++" "-DCMAKE_CROSSCOMPILING_EMULATOR=qemu-aarch64;-L;$system")
mkdir -p "$build"
for what in tests runtime; do
  source=$checkout && [ $what = runtime ] && source=$checkout/runtime
  { cmake -S "$source" -B "$build/$what" -DUNSPOOL_TESTS=ON "${cross[@]}" && cmake --build "$build/$what" --parallel 2; } \
    >"$build/$what.log" 2>&1 || { cat "$build/$what.log"; exit 1; }
done
ctest --test-dir "$build/tests" --output-on-failure

"${compilers}gcc" -std=c11 -Wall -Wextra -Werror "-I$checkout/native" "$checkout/runtime/examples/linear_texts.c" \
  "$build/runtime/_native.so" -lm -o "$build/linear_texts" "-Wl,-rpath,$build/runtime"
"$python" - "$checkout" "$build" "$system" <<'EOF'
import pathlib, subprocess, sys

checkout, build, system = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
sys.path.insert(0, f"{checkout}/runtime/tests")
import numpy as np, small
from unspool_runtime import Model

texts = ["a fine film!", "a dull film, don't", "?!", "nothing known", "fine film a fine film"]
tree = small.linear()
block = tree["blocks"][0]  # the program knows n-grams of up to three words
block["longest"] = 3
block["levels"].append({"first": np.array([0], np.int32), "last": np.array([2], np.int32)})
for name in ("weights", "coefficients"):
    numbers = np.rint(np.append(block[name], [[0.8]], axis=0) * 40).astype(np.int8)
    block[name] = {"int8": numbers, "scales": np.array([0.025, 0.03], np.float32)}
path = small.write(build, small.of_texts(tree))
command = ["qemu-aarch64", "-L", system, str(build / "linear_texts"), str(path), *texts]
found = [float(line) for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()]
wanted = Model.load(path).outputs(texts)[:, 0]
off = float(np.abs(found - wanted).max())
assert off < 1e-8 and np.ptp(wanted) > 0.01, (found, wanted)
print(f"the program in C answers {len(texts)} texts on ARM as unspool-runtime does here, largest difference {off:.1g}")
EOF

#!/usr/bin/env bash
# Builds the runtime's source distribution and wheel, installs the wheel away from the checkout with NumPy alone, and runs the
# runtime's tests on it. Pytest, NumPy and what builds it are borrowed from the environment of the checkout: objects that are
# already compiled are not compiled again.
set -euo pipefail
python=$(realpath -s "${1:?usage: test-runtime-wheel.sh PYTHON}")
checkout=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for what in sdist wheel; do
  "$python" -m build --"$what" --no-isolation --outdir "$work/dist" "$checkout/runtime" >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
done
"$python" - "$checkout" "$work"/dist <<'EOF'
import pathlib, subprocess, sys, tarfile, zipfile
checkout, dist = sys.argv[1], pathlib.Path(sys.argv[2])
wheel, sdist = next(dist.glob("*.whl")), next(dist.glob("*.tar.gz"))
list_files = ["git", "-C", f"{checkout}/runtime/src", "ls-files", "unspool_runtime"]
files = {*subprocess.run(list_files, capture_output=True, text=True, check=True).stdout.split()}
if missing := files - {*zipfile.ZipFile(wheel).namelist()}:
    sys.exit(f"the wheel lacks {sorted(missing)}")
if wheel.stat().st_size > 2e6:
    sys.exit(f"the wheel has {wheel.stat().st_size:,} bytes, more than 2 MB")
with tarfile.open(sdist) as archive:
    inside = {name.partition("/")[2] for name in archive.getnames() if archive.getmember(name).isfile()}
needed = {"LICENSE", "native/kernels.cmake", "native/zig.cmake", "native/lstm.cc", "native/unspool.h", "CMakeLists.txt"}
if missing := needed - inside:
    sys.exit(f"the source distribution lacks {sorted(missing)}")
EOF
"$python" -m venv --without-pip "$work/venv"
"$python" -m pip --python "$work/venv/bin/python" install --quiet --disable-pip-version-check --no-deps "$work"/dist/*.whl
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
mine=$("$work/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
ln -s "$packages"/numpy "$packages"/numpy.libs "$mine"/

cd "$work"
cp -r "$checkout/runtime/tests" "$checkout/runtime/examples" "$work"/
cp -rL "$checkout/runtime/native" "$work"/
venv/bin/python - <<'EOF'
import pathlib, sys
sys.path.insert(0, "tests")
import small, unspool_runtime
from unspool_runtime import Model, native
assert unspool_runtime.__file__.startswith(str(pathlib.Path.cwd())), f"not the wheel: {unspool_runtime.__file__}"
print(Model.load(small.write(pathlib.Path.cwd(), small.words_network())).predict(["a fine film"]), native.explain())
EOF
if [ -n "${CI:-}" ] || command -v c++ >/dev/null; then
  venv/bin/python -c 'from unspool_runtime import native; assert native.library(), native.explain()'
fi
echo "$packages" >"$mine/dependencies.pth"  # for pytest; the .pth files in it are not read: the editable install stays unseen
mkdir runtime && mv tests examples native runtime/
venv/bin/python -m pytest -q -p no:xdist -p no:cacheprovider -W error -c /dev/null --rootdir . --doctest-modules runtime/tests \
  --pyargs unspool_runtime
echo "the runtime's wheel works: $(ls -s --block-size=kB dist | tail -n +2 | tr '\n' ' ')"

#!/usr/bin/env bash
# Builds the wheel, installs it away from the checkout, and uses it there as a person would.
# The packages it depends on are borrowed from the environment of the checkout, and so is what builds it: objects that are
# already compiled are not compiled again.
set -euo pipefail
python=$(realpath -s "${1:?usage: test-wheel.sh PYTHON}")
checkout=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m build --wheel --no-isolation --outdir "$work/dist" "$checkout" >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
"$python" - "$checkout" "$work"/dist/*.whl <<'EOF'
import subprocess, sys, zipfile
files = subprocess.run(["git", "-C", f"{sys.argv[1]}/src", "ls-files", "unspool"], capture_output=True, text=True, check=True)
needed = {*files.stdout.split(), "unspool/export/page/kernels.wasm"}
missing = needed - set(zipfile.ZipFile(sys.argv[2]).namelist())
sys.exit(f"the wheel lacks {sorted(missing)}" if missing else 0)
EOF
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$work"/dist/*.whl
dependencies=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# A path in a .pth file is searched, but the .pth files in it are not read: the editable install stays unseen.
echo "$dependencies" >"$("$work/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/dependencies.pth"

cd "$work"
installed=$(venv/bin/python -c 'import unspool; print(unspool.__file__)')
case "$installed" in "$work"/*) ;; *) echo "the wheel is not what was imported: $installed"; exit 1 ;; esac
venv/bin/unspool --version
export JAX_DISABLE_MOST_OPTIMIZATIONS=true  # the models that it trains need not be fast
venv/bin/unspool run sentences-rnn --out run --set training.epochs=1 --set evaluation.resamples=100 >output.txt 2>&1 ||
  { cat output.txt; exit 1; }
for file in model.keras recipe.toml reader.json labels.json metrics.json history.csv environment.json report.html figures; do
  test -e "run/$file" || { echo "the run has no $file"; exit 1; }
done
# Without a compiler the package works without kernels; where there is one, and in CI, they must be built and used.
if [ -n "${CI:-}" ] || command -v c++ >/dev/null; then
  grep -q '"kernels": "native"' run/environment.json || { echo "the run did not use the native kernels:"; cat run/environment.json; exit 1; }
fi
echo "the wheel works: $(ls dist)"

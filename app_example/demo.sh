#!/bin/sh
# What `make demo` shows: a copy of the legacy example, rewritten to select(), and its tests on the copy.
set -eu
cd "$(dirname "$0")/.."
copy=build/demo
rm -rf "$copy"
mkdir -p build
cp -R app_example/stage_0_legacy "$copy"

say() { printf '\n== %s\n\n' "$*"; }

say "alchemove rewrite $copy --stage select --diff    (the first 60 lines)"
alchemove rewrite "$copy" --stage select --diff | sed 60q

say "alchemove rewrite $copy --stage select           (the last 30 lines)"
alchemove rewrite "$copy" --stage select > build/demo.txt || { cat build/demo.txt; exit 1; }
tail -n 30 build/demo.txt

say "the application's own tests, on the rewritten copy"
STAGE="$copy" python -m pytest --quiet -c app_example/pytest.ini app_example/tests

say "The legacy code is in app_example/stage_0_legacy, the rewritten code in $copy, the whole report in build/demo.txt."

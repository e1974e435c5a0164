#!/bin/sh
# Sets up what Formengine needs, for `run` or for `test`, on Debian 12 or newer. Runs again in a second when all is there.
# As root it installs missing system packages; otherwise it names them in one line.
set -eu
purpose=${1:?run or test}
cd "$(dirname "$0")/../.."
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUTF8=1

say() { printf 'set-up: %s\n' "$*"; }
fail() { printf 'set-up: %s\n' "$*" >&2; exit 1; }

# --- system packages ------------------------------------------------------------------------------------------------
packages="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libmagic1"
usable_python() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
find_python() {
  for candidate in python3.11 python3.12 python3.13 python3; do
    if command -v "$candidate" >/dev/null 2>&1 && usable_python "$candidate"; then echo "$candidate"; return; fi
  done
}
[ -n "$(find_python)" ] || packages="$packages python3 python3-venv"
if [ "$purpose" = test ]; then
  packages="$packages chromium default-jre-headless libjaxb-java postgresql poppler-utils fonts-noto-core clamav-daemon"
  packages="$packages openssh-server softhsm2 libatomic1"  # the last for Playwright's Node.js
fi
missing=""
if command -v dpkg-query >/dev/null 2>&1; then
  for package in $packages; do
    case "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)" in
      *"ok installed") ;;
      *) missing="$missing $package" ;;
    esac
  done
fi
if [ -n "$missing" ]; then
  [ "$(id -u)" = 0 ] || fail "a person with root must first run: apt-get install --no-install-recommends$missing"
  say "installing$missing"
  mkdir -p /usr/share/man/man1  # a slim system lacks it, and the Java packages fail without it
  log=$(mktemp)
  {
    apt-get update -q &&
      DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
  } >"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "apt-get could not install$missing"; }
  rm -f "$log"
fi

# --- Python packages, pinned by hash ---------------------------------------------------------------------------------
python=$(find_python)
[ -n "$python" ] || fail "Python 3.11 or newer with the module venv is needed"
[ -x .venv/bin/python ] || { say "making .venv with $python"; "$python" -m venv .venv; }
lock=requirements.lock
[ "$purpose" = run ] || lock=requirements-dev.lock
stamp=.venv/.installed-$purpose
want=$(cat "$lock" pyproject.toml | sha256sum | cut -c1-64)
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$want" ]; then
  say "installing Python packages from $lock"
  .venv/bin/python -m pip install -q --require-hashes -r "$lock"
  .venv/bin/python -m pip install -q --no-deps --no-build-isolation --no-index -e .
  echo "$want" >"$stamp"
fi

if [ "$purpose" = test ]; then
  # The S3 server of the tests pins other versions than the engine, so it has an environment of its own.
  own=.venv/s3-server
  want=$(sha256sum deploy/setup/s3-server.lock | cut -c1-64)
  if [ "$(cat "$own/.installed" 2>/dev/null || true)" != "$want" ]; then
    say "installing the S3 server of the tests"
    "$python" -m venv "$own"
    "$own/bin/python" -m pip install -q --require-hashes -r deploy/setup/s3-server.lock
    echo "$want" >"$own/.installed"
  fi
fi

[ "$purpose" = run ] || .venv/bin/python deploy/setup/schema_suite.py

# --- static files, fonts and catalogues ------------------------------------------------------------------------------
if [ "$purpose" = test ]; then .venv/bin/python deploy/assets/build.py --dev; else .venv/bin/python deploy/assets/build.py; fi
.venv/bin/formengine translations compile

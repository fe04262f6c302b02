#!/bin/sh
# Checks the pages' own JavaScript with tsc and ESLint, in the versions of package-lock.json.
# Without Node the check is skipped, except in CI.
set -eu
cd "$(dirname "$0")"

why=
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    why="Node.js and npm are not installed"
elif ! node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 18 || (major == 18 && minor >= 18) ? 0 : 1)'; then
    why="Node.js $(node --version) is older than 18.18"
fi
if [ -n "$why" ]; then
    echo "JavaScript is not checked: $why." >&2
    [ "${CI:-}" != true ]
    exit
fi

# `npm ci` writes this file when everything is installed.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --silent
fi
node_modules/.bin/tsc --project .
cd ../..
tools/javascript/node_modules/.bin/eslint --config tools/javascript/eslint.config.js '*/static/**/*.js'

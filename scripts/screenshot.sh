#!/bin/sh
# Takes the picture of a report that README shows:  scripts/screenshot.sh runs/example/1/report.html docs/images/report.png
# CHROMIUM=/path/to/chromium   use this browser
set -eu

if [ $# -ne 2 ]; then
    echo "Usage: scripts/screenshot.sh REPORT.html PICTURE.png" >&2
    exit 2
fi
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
page=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
"${CHROMIUM:-chromium}" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$profile" \
    --window-size=1100,2020 --screenshot="$2" "file://$page"

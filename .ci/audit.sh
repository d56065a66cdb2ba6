#!/bin/sh
# Builds the example site, serves it on loopback and runs what needs Node or Java over it. Ends the server by its id.
# Lighthouse: the median of five runs on a phone, as the gates of the design name it.
set -eu
command -v npm >/dev/null || { echo "error: npm is needed for the audit" >&2; exit 1; }
command -v java >/dev/null || { echo "error: java is needed for the audit" >&2; exit 1; }
tools=.venv/audit
[ -d "$tools/node_modules/lighthouse" ] || (mkdir -p "$tools" && cd "$tools" && { [ -f package.json ] || npm init -y >/dev/null; } && PUPPETEER_SKIP_DOWNLOAD=1 npm install --silent --no-audit --no-fund lighthouse@12 vnu-jar html-validate@10 >/dev/null)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$BIN/statusgen" --now 2026-11-24T10:20:00+01:00 --state-dir "$work/state" build -o "$work/output" >/dev/null
java -jar "$tools/node_modules/vnu-jar/build/dist/vnu.jar" --errors-only --skip-non-html "$work/output" && echo "vnu: 0 errors on $(find "$work/output" -name '*.html' | wc -l) pages"
java -jar "$tools/node_modules/vnu-jar/build/dist/vnu.jar" --errors-only --svg $(find "$work/output" -name 'badge.svg') && echo "vnu: 0 errors in badges"
find "$work/output" -name '*.html' -print0 | xargs -0 "$tools/node_modules/.bin/html-validate" --preset standard,a11y && echo "html-validate: 0 errors"
BIN="$BIN" sh .ci/clients.sh
BIN="$BIN" sh .ci/caniemail.sh
"$BIN/python" -m http.server 8931 --bind 127.0.0.1 --directory "$work/output" >/dev/null 2>&1 &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
sleep 1
for address in "" services/mail/ incidents/p-2026-0412/; do
  for run in 1 2 3 4 5; do
    CHROME_PATH=${CHROMIUM:-/usr/bin/chromium} "$tools/node_modules/.bin/lighthouse" "http://127.0.0.1:8931/$address" --quiet --output=json --output-path="$work/report-$run.json" \
      --chrome-flags="--headless=new --no-sandbox --disable-gpu --disable-background-networking" --only-categories=performance,accessibility,best-practices,seo >/dev/null
  done
  "$BIN/python" .ci/lighthouse.py "/$address" "$work"/report-*.json
done

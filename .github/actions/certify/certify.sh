#!/usr/bin/env bash
# Runs one certification in CI: annotations for what failed, the verdict as output, its exit code.
# Reads KIND, CONFIG, ONLY, CHANGED, SINCE, STRICT, WORKERS and REPORT; see action.yml.
set -u

homeroom="${HOMEROOM_BIN:-$RUNNER_TEMP/homeroom/bin/homeroom}"
words=(certify)
if [ -n "${KIND:-}" ]; then words+=("$KIND"); fi
words+=(--report "$REPORT" --workers "${WORKERS:-2}")
if [ -f "$CONFIG" ]; then words+=(--config "$CONFIG"); fi
for word in ${ONLY:-}; do words+=(--only "$word"); done
if [ "${CHANGED:-false}" = true ]; then words+=(--changed); fi
if [ "${CHANGED:-false}" = true ] && [ -n "${SINCE:-}" ]; then words+=(--since "$SINCE"); fi
if [ "${STRICT:-false}" = true ]; then words+=(--strict); fi

"$homeroom" "${words[@]}"
code=$?

if [ -f "$REPORT/results.json" ]; then
  "$homeroom" report annotate "$REPORT" --summary "${GITHUB_STEP_SUMMARY:-/dev/null}"
  verdict=$("$homeroom" report annotate "$REPORT" --verdict)
  echo "verdict=$verdict" >> "${GITHUB_OUTPUT:-/dev/null}"
fi
exit "$code"

#!/usr/bin/env bash
# Serve a stand-in until the job ends, or judge an endpoint. The inputs of the action are in
# variables, so that nothing of them is read as code.
set -euo pipefail

nertwin=$RUNNER_TEMP/nertwin/bin/nertwin

serve() {
    local log=$RUNNER_TEMP/nertwin.log output=$RUNNER_TEMP/nertwin.out
    local options=(--port "$INPUT_PORT")
    if [ -n "$INPUT_PROFILE" ]; then options+=(--profile "$INPUT_PROFILE"); fi
    if [ -n "$INPUT_CONFIG" ]; then options+=(--config "$INPUT_CONFIG"); fi
    : > "$output"
    nohup "$nertwin" serve "${options[@]}" > "$output" 2> "$log" < /dev/null &
    local process=$! url=""
    echo "$process" > "$RUNNER_TEMP/nertwin.pid"
    for _ in $(seq 300); do
        url=$(sed -n 's/^nertwin listening on //p' "$output")
        if [ -n "$url" ] || ! kill -0 "$process" 2> /dev/null; then break; fi
        sleep 0.1
    done
    if [ -z "$url" ]; then
        echo "::error title=nertwin::the stand-in did not start: $(tail -n 1 "$log")"
        cat "$log" >&2
        kill "$process" 2> /dev/null || true
        exit 1
    fi
    echo "url=$url" >> "$GITHUB_OUTPUT"
    echo "nertwin listening on $url"
}

check() {
    if [ -z "$INPUT_URL" ]; then
        echo "::error title=nertwin::mode check needs the input url, the endpoint to judge"
        exit 2
    fi
    local options=(--level "$INPUT_LEVEL") status=0
    if [ -n "$INPUT_PROFILE" ]; then options+=(--profile "$INPUT_PROFILE"); fi
    local globs glob
    read -ra globs <<< "$INPUT_SELECT"
    for glob in "${globs[@]}"; do options+=(--select "$glob"); done
    if [ -n "$INPUT_BASELINE" ]; then options+=(--baseline "$INPUT_BASELINE"); fi
    # The token goes by the environment: arguments are seen by every process.
    if [ -n "$INPUT_TOKEN" ]; then options+=(--token-env INPUT_TOKEN); fi
    "$nertwin" check "$INPUT_URL" "${options[@]}" \
        --report "json=$INPUT_REPORT.json" --report "junit=$INPUT_REPORT.xml" \
        --report "md=$INPUT_REPORT.md" --report "html=$INPUT_REPORT.html" || status=$?
    echo "status=$status" >> "$GITHUB_OUTPUT"
    exit "$status"
}

case $INPUT_MODE in
    serve) serve ;;
    check) check ;;
    *)
        echo "::error title=nertwin::mode is '$INPUT_MODE'; it must be serve or check"
        exit 2
        ;;
esac

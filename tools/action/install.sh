#!/usr/bin/env bash
# Install nertwin into a virtual environment of its own, which the other steps don't see.
set -euo pipefail

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "::error title=nertwin::$(python3 --version) is too old, nertwin needs 3.11;" \
        "put actions/setup-python before it"
    exit 2
fi
package=$GITHUB_ACTION_PATH
if [ -n "$INPUT_VERSION" ]; then
    package="nertwin==$INPUT_VERSION"
fi
python3 -m venv "$RUNNER_TEMP/nertwin"
"$RUNNER_TEMP/nertwin/bin/python" -m pip install --quiet "$package"

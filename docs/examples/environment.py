"""Print the variables of a running `homeroom up` for a shell to eval.

Usage: eval "$(python3 docs/examples/environment.py space.json)"
"""

import json
import shlex
import sys
from pathlib import Path

document = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
oneroster, canvas, control = (document[name] for name in ("oneroster", "canvas", "control"))
variables = {
    "ONEROSTER_BASE_URL": oneroster["base_url"],
    "ONEROSTER_TOKEN_URL": oneroster["token_url"],
    "ONEROSTER_CLIENT_ID": oneroster["client_id"],
    "ONEROSTER_CLIENT_SECRET": oneroster["client_secret"],
    "CANVAS_BASE_URL": canvas["base_url"],
    "CANVAS_TOKEN": canvas["token"],
    "CONTROL_URL": control["url"],
    "CONTROL_TOKEN": control["token"],
}
for name, value in variables.items():
    print(f"export {name}={shlex.quote(value)}")

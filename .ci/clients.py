"""Points clients of Statuspage at a static server over what is built, and compares what they got with what lies there.

    sh .ci/clients.sh

npm's statuspage.io also works under a sub-path. Atlassian's own widget only works at the root of a host, in Chromium.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests import browsers, github
from tests.paths import PROJECT

WIDGET = (
    '<!doctype html><title>x</title><statuspage-widget src="{}"></statuspage-widget><script src="widget.js"></script>'
)


def node_client(output: Path, address: str, modules: Path) -> None:
    """The npm client statuspage.io gets each file as it lies there."""
    asked = ["node", ".ci/clients.cjs", str(modules.resolve()), address.rstrip("/")]
    got = json.loads(subprocess.run(asked, check=True, capture_output=True, text=True, timeout=60).stdout)
    for name, data in got.items():
        ours = json.loads((output / "api/v2" / name).read_text("utf-8"))
        if data != ours:
            sys.exit(f"error: statuspage.io got something else than {name}")
    found = got["summary.json"]
    print(
        f"  npm statuspage.io: {len(got)} files; {found['status']['description']}, {len(found['components'])} components, "
        f"{len(got['incidents.json']['incidents'])} incidents, {len(found['incidents'])} unresolved"
    )


def widget(browser: Any, output: Path, address: str, modules: Path) -> None:
    """Atlassian's widget shows the description of the state."""
    shutil.copy(modules / "@statuspage/status-widget/dist/index.js", output / "widget.js")
    (output / "widget.html").write_text(WIDGET.format(address.rstrip("/")), "utf-8")
    wanted = json.loads((output / "api/v2/status.json").read_text("utf-8"))["status"]["description"]
    page = browser.new_page()
    page.goto(address + "widget.html")
    shown = page.locator("statuspage-widget .status-text", has_text=wanted)
    shown.wait_for(timeout=10_000)
    print(f"  @statuspage/status-widget in Chromium shows: {shown.inner_text()}")
    page.close()


def main() -> None:
    """The demo, and GitHub's history where it is."""
    modules = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, browsers.chromium() as browser:
        work = Path(folder)
        sites = {"demo": browsers.built(work / "demo", PROJECT)}
        if github.INCIDENTS.exists():
            sites["history of GitHub"] = browsers.built(work / "github", github.write(work / "site"), github.NOW)
        else:
            print("The history of GitHub is not here (../shared/data): only the demo is tried.")
        for name, output in sites.items():
            print(f"{name}:")
            with browsers.served(output) as address:
                node_client(output, address, modules)
                widget(browser, output, address, modules)
            with browsers.served(output.parent) as address:
                node_client(output, f"{address}{output.name}/", modules)  # under a sub-path


if __name__ == "__main__":
    main()

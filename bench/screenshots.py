"""The pictures of README, from the sample county: ``make screenshots`` writes docs/images/."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
# name, page, width, height, pixels a point
SHOTS = (
    ("home-phone", "index.html", 360, 1250, 1.5),
    ("home-desktop", "index.html", 1100, 1500, 1.0),
    ("procedure-desktop", "procedures/visit/index.html", 1100, 900, 1.0),
)


def main() -> None:
    """Build the sample and photograph it, straight from the files."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        sys.exit("no Chromium: sh ops/setup-browser installs it")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Path(folder) / "site"
        command = [sys.executable, str(ROOT / "build.py"), "--site", str(site), "--no-pdf"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, path, width, height, scale in SHOTS:
            page = browser.new_page(
                viewport={"width": width, "height": height}, device_scale_factor=scale
            )
            page.goto((site / path).as_uri())
            page.screenshot(path=IMAGES / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()

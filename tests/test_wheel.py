"""What people install works: the built wheel, without anything for developers, makes a site of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.paths import PROJECT, unpack


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(PROJECT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(folder), str(PROJECT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return next(folder.glob("*.tar.gz"))


def test_the_sdist_builds_the_same_wheel(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    """Byte by byte, so whoever builds from the source package runs what everybody runs."""
    with tarfile.open(sdist) as packed:
        unpack(packed, tmp_path)
    (source,) = tmp_path.iterdir()
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(tmp_path / "dist"),
        str(source),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    again = next((tmp_path / "dist").glob("*.whl"))
    assert again.name == wheel.name
    with zipfile.ZipFile(wheel) as ours, zipfile.ZipFile(again) as theirs:
        assert ours.namelist() == theirs.namelist()
        assert all(ours.read(name) == theirs.read(name) for name in ours.namelist())


def test_the_version_stands_in_one_place(wheel: Path, sdist: Path) -> None:
    """In statusgen/__init__.py: what is built is named by it, and nothing else says one of its own."""
    (version,) = re.findall(
        r'^__version__ = "(.+)"$', (PROJECT / "statusgen" / "__init__.py").read_text(), re.MULTILINE
    )
    assert wheel.name.startswith(f"statusgen-{version}-")
    assert sdist.name == f"statusgen-{version}.tar.gz"
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert "version" not in project
    assert project["dynamic"] == ["version"]
    said = subprocess.run([sys.executable, "-m", "statusgen", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["statusgen", version]


def test_the_wheel_holds_what_init_writes_for_ci(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    folder = PROJECT / "statusgen" / "cli" / "automation"
    templates = [path for path in folder.rglob("*") if path.is_file() and path.name != "action.txt"]
    assert templates
    assert {path.relative_to(PROJECT).as_posix() for path in templates} <= names


def test_the_wheel_holds_every_theme_and_nothing_of_the_demo(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    themes = PROJECT / "themes"
    shipped = {path.relative_to(themes).as_posix() for path in themes.rglob("*") if path.is_file()}
    assert {name.removeprefix("statusgen/themes/") for name in names if name.startswith("statusgen/themes/")} == shipped
    assert "board/theme.toml" in shipped
    assert "statusgen/themes/default/templates/home.html" in names
    assert "statusgen/themes/default/assets/status.css" in names
    assert not [name for name in names if name.startswith(("content/", "tests/", "themes/")) or "demo-secret" in name]


@pytest.mark.proof
def test_what_ci_and_servers_install_with_makes_a_site(tmp_path: Path) -> None:
    """.ci/install.sh for real: each package of the lock by its hash, then this very checkout."""
    done = subprocess.run(["sh", str(PROJECT / ".ci" / "install.sh"), sys.executable, str(tmp_path / "env")], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    run(str(tmp_path / "env" / "bin" / "statusgen"), tmp_path / "site")


@pytest.mark.proof
def test_installed_without_developers_tools_it_helps_and_builds(wheel: Path, tmp_path: Path) -> None:
    """Installs the wheel and the pinned runtime dependencies alone into a new environment."""
    home = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(PROJECT / "requirements" / "build.txt")], check=True)
    flags = ["--require-hashes", "--no-build-isolation", "--only-binary", ":all:", "--no-binary", "feedgen"]
    subprocess.run([*pip, *flags, "-r", str(PROJECT / "requirements" / "base.txt")], check=True)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True)
    run(str(home / "bin" / "statusgen"), tmp_path / "site")


def test_unpacked_beside_its_dependencies_it_helps_and_builds(wheel: Path, tmp_path: Path) -> None:
    """The quick form of the proof: the wheel's own files, none of the checkout's."""
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(wheel).extractall(unpacked)
    launcher = tmp_path / "statusgen"
    launcher.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(unpacked)!r})\nfrom statusgen.cli import main\nimport statusgen\nassert statusgen.__file__.startswith({str(unpacked)!r})\nsys.exit(main())\n"
    )
    launcher.chmod(0o755)
    run(str(launcher), tmp_path / "site")


def run(statusgen: str, folder: Path) -> None:
    folder.mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("STATUSGEN_", "PYTHON"))}
    said = subprocess.run(
        [statusgen, "--help"], capture_output=True, text=True, check=True, env=clean, cwd=folder
    ).stdout
    assert "build" in said
    for words in (["init"], ["check"], ["build"]):
        done = subprocess.run([statusgen, *words], capture_output=True, text=True, check=False, env=clean, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "output" / "index.html").is_file()
    settings = folder / "statusgen.toml"
    settings.write_text(settings.read_text("utf-8").replace("[site]\n", '[site]\ntheme = "board"\n', 1), "utf-8")
    subprocess.run([statusgen, "build"], capture_output=True, check=True, env=clean, cwd=folder)
    assert 'class="board' in (folder / "output" / "index.html").read_text("utf-8")
    action = f"example-org/statusgen@{'0' * 40}"
    for kind in ("github", "gitlab", "cron"):
        subprocess.run(
            [statusgen, "init", "--ci", kind, "--action", action],
            capture_output=True,
            check=True,
            env=clean,
            cwd=folder,
        )
    assert (folder / ".github" / "workflows" / "rebuild.yml").is_file()
    shutil.rmtree(folder)

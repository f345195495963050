"""`nox` runs what CI runs; `nox -s NAME` one step of it; `nox -l` lists them.

The first four steps use the environment nox itself runs in, the others make their own.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

import nox
from packaging.requirements import Requirement

nox.options.sessions = ["lint", "types", "tests", "contract", "lowest", "extras", "wheel"]
nox.options.default_venv_backend = "virtualenv"  # not uv where it is found: it does not read pip's settings

# Sessions without an environment of their own find their tools beside the running nox, activated or not.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
# Where nothing compiled may be kept, each of a thousand commands compiles all of our modules again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ROOT = Path(__file__).parent
EXTRAS = (
    "sqlite",
    "postgres",
    "http",
    "cli",
    "redis",
    "nats",
    "rabbitmq",
    "kafka",
    "ortools",
    "numpy",
    "pdf",
)
CORE_BRANCHES = 95
WORKERS = str(min(os.cpu_count() or 1, 8))  # each may start a PostgreSQL of its own
WALLS = ("tests/integration/test_row_level_security.py", "tests/integration/test_the_wall_is_whole.py")
AS_IT_COMES = ("--no-compile",)  # most of what comes along is never imported
SHARED_OUT = ("pytest", "-n", WORKERS, "--dist", "worksteal")
ONCE_MORE = ("pytest", "-q", "-n", WORKERS, "-m", "not slow")
# What asks about our rules and our documents alone, which no library's version changes; and hundreds of commands, each
# a process of its own: `EACH_WAY_ONCE` runs all of them in one.
NOT_AGAIN = (
    *("--ignore=tests/arch", "--ignore=tests/security", "--ignore=tests/entry/test_readme.py"),
    *(
        f"--ignore=tests/entry/cli/test_{name}.py"
        for name in (
            "calendar",
            "commands",
            "demo",
            "exchange",
            "import",
            "instance",
            "job",
            "mail",
            "me",
            "remote",
            "report",
            "schedule",
            "servers",
            "team_deletion",
            "token",
            "webhook",
        )
    ),
)
ON_ONE_STORE = ("-k", "not (http and (memory or postgresql))")
EACH_WAY_ONCE = (
    *("pytest", "-q", "-n", WORKERS, "tests/security/test_commands.py", "tests/security/test_http.py"),
    *("-k", "owner and not postgresql"),
)
# What may differ once the files are the same: how they are found, started, and extended.
BY_THE_WHEEL = (
    *("tests/contract", "tests/entry/test_installed.py", "tests/entry/cli/test_help.py"),
    *(
        "tests/entry/cli/test_exit_codes.py",
        "tests/entry/http/test_service.py",
        "tests/entry/http/test_routes.py",
    ),
    *("tests/integration/test_container.py", "tests/integration/test_third_party_adapter.py"),
)


@nox.session(venv_backend="none")
def lint(session: nox.Session) -> None:
    """Style, format and who may import whom."""
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports", "--no-logo")


@nox.session(venv_backend="none")
def types(session: nox.Session) -> None:
    """Mypy, strict, over everything, the public types' own tests included."""
    session.run("mypy")


@nox.session(venv_backend="none")
def tests(session: nox.Session) -> None:
    """Run the whole suite, a real PostgreSQL included, and see that the core's own tests cover it."""
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    session.run(*SHARED_OUT, "-m", "in_memory", "--cov", "--cov-report=")
    session.run("coverage", "report", f"--fail-under={CORE_BRANCHES}")
    require_core_branches(session)
    session.run(*SHARED_OUT, "-m", "not in_memory")


def require_core_branches(session: nox.Session) -> None:
    """Branches alone, since coverage's own percentage lets covered lines make up for them."""
    report = Path(session.create_tmp(), "coverage.json")
    session.run("coverage", "json", "-q", "-o", str(report))
    totals = json.loads(report.read_text())["totals"]
    percent = 100 * totals["covered_branches"] / totals["num_branches"]
    session.log(f"core: {percent:.1f} % of {totals['num_branches']} branches")
    if percent < CORE_BRANCHES:
        session.error(f"less than {CORE_BRANCHES} % of the core's branches are covered")


@nox.session(venv_backend="none")
def contract(session: nox.Session) -> None:
    """The contract suite and its walls once more, on each further major version of PostgreSQL that is here."""
    bouncer = str(session.run("python", "-m", "tests.servers.pgbouncer", silent=True)).strip()
    session.log(f"behind PgBouncer in transaction mode, of the tests: {bouncer}")
    listing = session.run("python", "-m", "tests.servers.postgres", silent=True)
    versions = dict(reversed([line.split(maxsplit=1) for line in str(listing).splitlines()]))
    tested = str(listing).split(maxsplit=1)[0]
    others = {version: folder for version, folder in versions.items() if version != tested}
    if not others:
        session.skip(
            f"NOT RUN: no PostgreSQL besides {tested} here; put one on PATH or name it in TASKCORE_PG_BIN"
        )
    for version, folder in others.items():
        session.log(f"PostgreSQL {version}")
        session.run(
            *("pytest", "-q", "-n", WORKERS, "-k", "postgresql or wall or security"),
            *("tests/contract", *WALLS),
            env={"TASKCORE_PG_BIN": folder},
        )


@nox.session
def lowest(session: nox.Session) -> None:
    """The oldest versions that pyproject.toml promises to work with."""
    constraints = Path(session.create_tmp(), "lowest.txt")
    constraints.write_text("\n".join(lower_bounds()))
    session.install(*AS_IT_COMES, "-e", ".[all,test]", "pytest-xdist", "--constraint", str(constraints))
    session.run(*ONCE_MORE, *NOT_AGAIN, *ON_ONE_STORE, *session.posargs)
    session.run(*EACH_WAY_ONCE)


def lower_bounds() -> list[str]:
    project = nox.project.load_toml(ROOT / "pyproject.toml")["project"]
    optional = project["optional-dependencies"]
    promised = [
        Requirement(line) for line in (*project["dependencies"], *(r for e in EXTRAS for r in optional[e]))
    ]
    return sorted({f"{each.name}=={lower_bound(each)}" for each in promised})


def lower_bound(requirement: Requirement) -> str:
    return next(each.version for each in requirement.specifier if each.operator == ">=")


@nox.session
@nox.parametrize("extra", ["none", *EXTRAS])
def extras(session: nox.Session, extra: str) -> None:
    """Each extra alone: what it brings works, what is missing names the command that installs it."""
    session.install(*AS_IT_COMES, "." if extra == "none" else f".[{extra}]", "pytest", "pytest-asyncio")
    session.run("pytest", "-q", "tests/entry/test_extras.py", env={"TASKCORE_ONLY_EXTRA": extra})


@nox.session
def wheel(session: nox.Session) -> None:
    """The built wheel holds what `src` does, and works where there is no `src` to lean on."""
    project = Path(session.create_tmp(), "project")
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(ROOT, project, ignore=all_but_our_source)
    session.run("pip", "wheel", "-q", "--no-deps", "--wheel-dir", str(project / "dist"), str(ROOT))
    (built,) = (project / "dist").glob("*.whl")
    require_our_files(session, built)
    session.install(*AS_IT_COMES, f"{built}[all,test]", "pytest-xdist")
    session.chdir(project)
    session.run(*ONCE_MORE, *BY_THE_WHEEL, "-k", "not postgresql", *session.posargs)


def all_but_our_source(folder: str, names: list[str]) -> set[str]:
    hidden = {name for name in names if name.startswith(".") or name in ("dist", "__pycache__")}
    return hidden | {"src"} if Path(folder) == ROOT else hidden


def require_our_files(session: nox.Session, built: Path) -> None:
    """Each file of our packages as it is here, and none besides: then what the tests have shown of them holds."""
    homes = (ROOT / "src", ROOT / "src/adapters", ROOT / "src/entrypoints")
    ours = {
        path.relative_to(home).as_posix(): path.read_bytes()
        for home in homes
        for package in home.glob("taskcore*/")
        for path in package.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    wheel = zipfile.ZipFile(built)
    inside = {name: wheel.read(name) for name in wheel.namelist() if ".dist-info/" not in name}
    if differing := sorted(name for name in ours | inside if ours.get(name) != inside.get(name)):
        session.error(f"the wheel and src differ in {differing}")


@nox.session(venv_backend="none", default=False)
def bench(session: nox.Session) -> None:
    """Measure; not a part of CI, since a shared machine's figures fail nobody fairly."""
    session.run("python", "-m", "bench", *session.posargs)

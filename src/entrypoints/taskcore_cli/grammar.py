"""What commands have in common: where output options may stand, what a change and a dangerous one take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
import typer
from typer.core import TyperCommand, TyperGroup

from taskcore_cli.session import Mode, Session

OUTPUT_OPTIONS = "--json, --ndjson, --csv and --quiet"
_HELP = {
    Mode.JSON: "Print one JSON document.",
    Mode.NDJSON: "Print a JSON object a line.",
    Mode.CSV: "Print comma-separated values.",
    Mode.QUIET: "Print ids only.",
}


def output_options() -> list[click.Parameter]:
    """Understood before a noun, behind it, and behind the verb; the last one counts."""
    return [
        click.Option(
            ["-q", "--quiet"] if mode is Mode.QUIET else [f"--{mode.value}"], **_flag(_HELP[mode], mode)
        )
        for mode in Mode
    ]


def _flag(about: str, mode: Mode) -> dict[str, Any]:
    def choose(ctx: click.Context, _: click.Parameter, given: bool) -> None:
        if given and isinstance(ctx.obj, Session):
            ctx.obj.mode = mode

    return {"is_flag": True, "expose_value": False, "help": about, "callback": choose}


class Verb(TyperCommand):
    """A command that prints something."""

    def __init__(self, *args: Any, params: Sequence[click.Parameter] = (), **kwargs: Any) -> None:
        super().__init__(*args, params=[*params, *self.more_options()], **kwargs)

    def more_options(self) -> list[click.Parameter]:
        return output_options()


class Change(Verb):
    """A command that changes something: it can be tried with --dry-run."""

    tried_elsewhere = False
    """Whether a service can try it too."""

    def more_options(self) -> list[click.Parameter]:
        def choose(ctx: click.Context, _: click.Parameter, given: bool) -> None:
            if given and isinstance(ctx.obj, Session):
                ctx.obj.rehearse(elsewhere=self.tried_elsewhere)

        dry_run = click.Option(
            ["--dry-run"],
            is_flag=True,
            expose_value=False,
            callback=choose,
            help="Do it, tell what comes of it field by field, and undo it.",
        )
        return [dry_run, *super().more_options()]


class Import(Change):
    """A change that a service can try, too."""

    tried_elsewhere = True


class Danger(Change):
    """A change that cannot be taken back: asked for on a terminal, refused elsewhere without --yes."""

    def more_options(self) -> list[click.Parameter]:
        def choose(ctx: click.Context, _: click.Parameter, given: bool) -> None:
            if isinstance(ctx.obj, Session):
                ctx.obj.yes = given

        yes = click.Option(
            ["-y", "--yes"], is_flag=True, expose_value=False, callback=choose, help="Do not ask whether."
        )
        return [yes, *super().more_options()]


class Noun(TyperGroup):
    """The verbs of one noun."""

    def __init__(self, *args: Any, params: Sequence[click.Parameter] = (), **kwargs: Any) -> None:
        super().__init__(*args, params=[*params, *output_options()], **kwargs)


def noun(about: str) -> typer.Typer:
    """The commands of a noun, to be filled."""
    app = typer.Typer(cls=Noun, help=about, rich_markup_mode=None, no_args_is_help=True, add_completion=False)
    app.callback()(lambda: None)
    return app


def single() -> typer.Typer:
    """A noun that is its own verb."""
    return typer.Typer(rich_markup_mode=None, add_completion=False)

"""The `velora` group: commands are imported when they are called, errors become one message."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from velora.errors import VeloraError, suggestion
from velora.runtime.isolation import ignore_foreign_entry_points

# Command -> (module, one line of help): `velora --help` needs no import of any command.
COMMANDS = {
    "add": ("add", "Add a trained expert to an assembly; the others stay as they are."),
    "ask": ("ask", "Ask an assembly a question, or a table of them."),
    "assemble": ("assemble", "Train router and fusion over trained experts (phase 2)."),
    "check-expert": ("check_expert", "Check that an installed expert keeps the contract."),
    "demo": ("demo", "Do the main job on bundled data, in minutes."),
    "evaluate": ("evaluate", "Measure an assembly or a trained expert."),
    "experts": ("experts", "List what is installed, trained and broken."),
    "explain": ("explain", "Answer a query and say why."),
    "finetune": ("finetune", "Fine-tune an assembly lightly as a whole (phase 3)."),
    "install": ("install", "Install expert packages into VELORA's own environment."),
    "new-expert": ("new_expert", "Write the package of a new expert, ready to install."),
    "package": ("package", "Make a wheel of a trained expert or an assembly."),
    "remove": ("remove", "Remove an expert from an assembly."),
    "replace": ("replace", "Exchange an expert of an assembly for another."),
    "schema": ("schema", "Show the table and the settings an expert takes."),
    "train-expert": ("train_expert", "Train one expert alone (phase 1)."),
    "uninstall": ("uninstall", "Uninstall expert packages from VELORA's own environment."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"velora_cli.commands.{COMMANDS[cmd_name][0]}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Say which command may have been meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"no command is named '{args[0]}'.{suggestion(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    default=lambda: os.environ.get("VELORA_HOME") or "models",
    help="Where experts and assemblies live. [default: $VELORA_HOME, else ./models]",
)
@click.version_option(package_name="velora")
@click.pass_context
def velora(ctx: click.Context, home: Path) -> None:
    """Build one answering system out of expert models that different people train and ship.

    \b
    A first round, with the experts that are installed:
      velora experts                       what is there
      velora train-expert math             train each expert alone
      velora train-expert language
      velora assemble                      train router and fusion over them
      velora finetune                      fine-tune the whole, lightly
      velora ask "What is 12.5 times 4?"
      velora explain "What is 12.5 times 4?"
    """
    ctx.obj = Path(home)


def main() -> None:
    """Run the command line; errors a user can mend end it with one message and exit code 1."""
    ignore_foreign_entry_points()
    try:
        velora(standalone_mode=False)
    except click.Abort:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except VeloraError as error:
        from velora_cli.render import show_error

        show_error(error)
        sys.exit(1)

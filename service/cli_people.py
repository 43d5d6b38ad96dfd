"""The command line's `user`: accounts made, listed, invited and disabled by whoever runs the service.

What works on the database is imported inside the commands: `--help` and the commands on files don't need it.
"""

from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

user = typer.Typer(help="Accounts: who can sign in, and what part they have.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="The account's e-mail address.", show_default=False)]


@user.command()
def add(
    email: Address,
    *,
    name: Annotated[str | None, typer.Option("--name", help="Default: what stands before the @.")] = None,
    team: Annotated[str | None, typer.Option("--team", help="A team; made if there is none.")] = None,
    role: Annotated[
        Literal["manager", "coach", "rep"] | None, typer.Option("--role", help="The part in the team.")
    ] = None,
    administrator: Annotated[
        bool, typer.Option("--administrator", help="Looks after users and settings; sees no calls by that.")
    ] = False,
) -> None:
    """Add an account and print a link by which its person sets a password."""
    from service.auth import by_hand  # noqa: PLC0415

    _print_link(by_hand.add(email, name=name, team=team, role=role, administrator=administrator))


@user.command()
def invite(email: Address) -> None:
    """Print a new link by which somebody sets a password, such as one who has forgotten theirs."""
    from service.auth import by_hand  # noqa: PLC0415

    _print_link(by_hand.invite(email))


@user.command("list")
def show() -> None:
    """List accounts: address, name, parts in teams."""
    from service.auth import by_hand  # noqa: PLC0415

    table = Table("E-mail", "Name", "Teams", "", box=None, pad_edge=False)
    for row in by_hand.rows():
        table.add_row(*map(Text, row))
    # Addresses are cut to the width of a terminal, never of a pipe.
    console = Console(highlight=False)
    console.print(table, soft_wrap=not console.is_terminal)


@user.command()
def disable(email: Address) -> None:
    """Put somebody out at once: sign-ins, API tokens and invitations end; what they did stays."""
    from service.auth import by_hand  # noqa: PLC0415

    by_hand.set_disabled(email, disabled=True)


@user.command()
def enable(email: Address) -> None:
    """Let somebody who was disabled in again."""
    from service.auth import by_hand  # noqa: PLC0415

    by_hand.set_disabled(email, disabled=False)


def _print_link(link: str) -> None:
    Console(highlight=False).print(link, markup=False, soft_wrap=True)
    Console(stderr=True, highlight=False).print("The link works once, for a week; give it to the person.")

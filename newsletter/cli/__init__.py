"""The command `newsletter`: parses, calls one step, shows. Exit codes are sysexits (errors.py)."""

import gc
import signal
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

import click

from newsletter import __version__
from newsletter.cli.desk import Desk
from newsletter.errors import NewsletterError
from subscribers.errors import SubscriberError

_USAGE, _INPUT, _UNREACHABLE, _BUG, _LATER = 64, 65, 69, 70, 75


# The module of each command.
_COMMANDS = {
    "curate": "curate",
    "demo": "demo",
    "explain": "explain",
    "gather": "mornings",
    "init": "init",
    "mailbox": "mailbox",
    "plan": "mornings",
    "preview": "preview",
    "publish": "mornings",
    "resolve": "resolve",
    "run": "mornings",
    "send": "send",
    "serve": "serve",
    "status": "status",
    "subscribers": "readers",
    "topics": "topics",
}


class _Commands(click.Group):
    """Imports a command when it is asked for: all of them would take twice the time and memory of
    one."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"newsletter.cli.{_COMMANDS[name]}"), name)
        # What is there by now stays until the end: no collection need look at it again (0.2 s).
        gc.freeze()
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="newsletter")
@click.option("--config", type=click.Path(dir_okay=False), help="Instead of ./newsletter.toml.")
@click.pass_context
def newsletter(context: click.Context, config: str | None) -> None:
    """Get trending papers in your email inbox!

    Selects the day's papers and sends every subscriber a digest of her own.
    Begin with 'newsletter demo', then 'newsletter init'.
    """
    context.obj = Desk(config)


def main() -> None:
    """Run the command line and exit with its code."""
    # As Ctrl-C does: what is not committed is rolled back, and the exit code says "later".
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(exit_code(sys.argv[1:]))


def exit_code(words: Sequence[str]) -> int:
    """What the command line of these words comes to, a code of sysexits.h; never raises."""
    try:
        newsletter(list(words), standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return _USAGE
    except (click.Abort, KeyboardInterrupt) as error:
        if isinstance(error, click.Abort) and error.__cause__ is None:  # at a prompt
            click.echo("newsletter: not confirmed; nothing was changed", err=True)
            return _USAGE
        click.echo("newsletter: interrupted; the next run goes on where this one was", err=True)
        return _LATER
    except NewsletterError as error:
        click.echo(f"newsletter: {error}", err=True)
        return error.exit_code
    except SubscriberError as error:
        click.echo(f"newsletter: {error}", err=True)
        return _INPUT
    except SystemExit:
        return 0  # click's: the reader of our output has gone, and that is its right
    except OSError as error:
        click.echo(f"newsletter: {error}", err=True)
        return _UNREACHABLE
    except Exception:  # noqa: BLE001  # the outermost shell: whatever is left is a bug
        traceback.print_exc()
        click.echo("newsletter: this is a bug in Paper Round; please report the above", err=True)
        return _BUG
    return 0

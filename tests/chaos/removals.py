"""`newsletter subscribers remove` for every address on standard input, one after the other:
`python -m tests.chaos.removals`, in an operator's folder.

The command line in one process, since starting one takes longer than the removal. For each a line
of JSON on standard output: the exit code, and when it had returned (monotonic clock). A line
before these says that it is ready.
"""

import io
import json
import sys
import time
from contextlib import redirect_stdout

from newsletter.cli import exit_code


def main() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        with redirect_stdout(io.StringIO()):
            code = exit_code(["subscribers", "remove", line.strip()])
        print(json.dumps([code, time.monotonic()]), flush=True)


if __name__ == "__main__":
    main()

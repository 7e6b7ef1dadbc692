"""Entry point: parse, run one command, turn failures into one line on stderr and an exit code of 1.

In real Kubernetes: cmd/kubectl and kubectl/pkg/cmd. Every command lives in `minictl/commands/`, all of the same shape.
"""

from __future__ import annotations

import asyncio
import sys

from machinery.api.errors import ApiError
from machinery.client.config import ConfigError
from minictl import cli
from minictl.failure import Failure, explain
from minictl.session import Session


def main(argv: list[str] | None = None) -> int:
    """Run `minictl ARGV`; the exit code is 0, 1 for a failure, or what a command decides."""
    args = cli.parse(sys.argv[1:] if argv is None else argv)
    try:
        return asyncio.run(_run(args)) or 0
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except (Failure, ApiError, ConfigError) as error:
        print(explain(error), file=sys.stderr)
        return 1


async def _run(args: cli.Arguments) -> int | None:
    async with Session(args) as session:
        return await args.run(session, args)


if __name__ == "__main__":
    sys.exit(main())

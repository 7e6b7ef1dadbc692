"""One file per command: `flags(parser)` declares, `run(session, args)` does and returns the exit code."""

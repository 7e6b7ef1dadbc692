"""The command line: kubectl's words, flags and output, one file per command."""

"""The API as pure data and pure functions: nothing here opens a socket, reads a clock or logs."""

"""The commands of the command line; each module's ``main`` takes the words after its name, returns the exit code."""

OK, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: done; an individual failed, a lock is held, or nothing can be written; nothing was run; interrupted."""
READER_GONE = 141
"""Exit code of a command whose output nobody reads any more, as of one that SIGPIPE ends."""

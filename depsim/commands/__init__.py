"""The commands of the command line; each module's ``main`` takes the words after its name, returns the exit code."""

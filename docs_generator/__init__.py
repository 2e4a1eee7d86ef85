"""What writes the generated pages of docs/reference, and helps MkDocs to build the site; no part of the program."""

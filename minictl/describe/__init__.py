"""One file per kind: `needs(document)` names what else to read, `describe(document, facts)` makes the text, purely."""

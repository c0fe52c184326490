"""Discord: everything that knows its API and the library for it."""

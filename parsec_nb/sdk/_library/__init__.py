"""Parsec's library: where it is, whether it fits, and what it needs."""

"""Hosting a game: `sdk.host()`, its values, and the worker's side of it."""

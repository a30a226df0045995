"""Parsec's web API: requests, responses and the values in them."""

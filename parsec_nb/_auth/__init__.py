"""The device authorization flow of RFC 8628 in Parsec's variant, and its thread."""

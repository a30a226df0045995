"""Logins in Jupyter and IPython: the call, the card and the variable."""

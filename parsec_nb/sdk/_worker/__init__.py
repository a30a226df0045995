"""The process in which the SDK runs."""

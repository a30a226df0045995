"""Frames and sound in memory that the kernel and the worker share."""

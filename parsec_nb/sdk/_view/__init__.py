"""The live view: what the kernel sends, and what a page reports."""

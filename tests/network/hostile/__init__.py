"""A login against servers and networks that misbehave: rows, their run, the checks."""

"""The rows of the hostile table, one module for each section."""

from __future__ import annotations

from network.hostile.rows import (
    bodies,
    codes,
    connections,
    course,
    results,
    statuses,
    ways,
)

SECTIONS = {
    "The course of a login": course.ROWS,
    "Responses that do not settle a login": statuses.ROWS,
    "Connections that fail": connections.ROWS,
    "Bodies that cannot be read": bodies.ROWS,
    "Responses that settle a login": results.ROWS,
    "Codes": codes.ROWS,
    "Ways to the server": ways.ROWS,
}
ROWS = [row for rows in SECTIONS.values() for row in rows]

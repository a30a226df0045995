"""Prints which story passed in which front end, from what pytest reported.

Run `python -m pytest --kernel --browser --junit-xml=report.xml`, then
`python tests/front_end_matrix.py report.xml`.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from xml.etree import ElementTree as ET

FRONT_ENDS = (
    *("JupyterLab", "Notebook", "nbclassic", "Voila", "Jupyter console", "IPython"),
    *("nbclient", "papermill", "nbconvert"),
)


def main(path: str) -> None:
    """Print the table."""
    cells: dict[str, dict[str, str]] = defaultdict(dict)
    for test in ET.parse(path).iter("testcase"):
        found = re.fullmatch(r"test_(\w+)\[(.+)\]", test.get("name", ""))
        if found and found[2] in FRONT_ENDS:
            bad = test.find("failure") is not None or test.find("error") is not None
            cells[found[1].replace("_", " ")][found[2]] = "no" if bad else "yes"
    shown = [name for name in FRONT_ENDS if any(name in row for row in cells.values())]
    width = max(map(len, cells))
    print(" " * width, *shown, sep=" | ")
    for story, row in cells.items():
        columns = (row.get(name, "").center(len(name)) for name in shown)
        print(story.ljust(width), *columns, sep=" | ")


if __name__ == "__main__":
    main(sys.argv[1])

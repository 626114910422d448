"""Files that are not what their name says: a web page, or Git LFS's pointer, in place of weights.

Both come of a download that went wrong, and every library says something else of them.
"""

from __future__ import annotations

from pathlib import Path

GIT_LFS = b"version https://git-lfs.github.com/spec/"
PAGES = (b"<!doctype html", b"<html", b"<head", b"<?xml")
HEAD_BYTES = 512


def impostor(path: Path) -> str:
    """Return what a file is in place of weights, as a clause with the next step; else nothing.

    Nothing as well where there is no file.
    """
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(GIT_LFS):
        return "it is a Git LFS pointer, not the weights themselves; fetch them with `git lfs pull`"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(PAGES):
        return "it is a web page, not weights; download the file itself, not the page that shows it"
    return ""

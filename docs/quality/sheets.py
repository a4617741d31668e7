#!/usr/bin/python3
"""Lays out paintings beside the pictures that they were made from.

  sheets.py PICTURES PAINTED OUT

PICTURES is the folder that gather.py has filled, PAINTED has CONTENT-STYLE.png for pairs of pairs.txt, which has
six pairs of a kind one after the other. For each kind, OUT/KIND.jpg has a row for each pair painted: content,
style, and the painting with a pixel for each of its own. Needs python3-pil.
"""
import os, sys
from PIL import Image

KINDS = ("portraits", "landscapes", "buildings", "animals", "still-lifes")
GAP = 6


def fit(path, width, height):
    picture = Image.open(path).convert("RGB")
    picture.thumbnail((width, height), Image.LANCZOS)
    return picture


def row(pictures, painted, content, style):
    """A row of three pictures, None if the pair was not painted."""
    path = os.path.join(painted, f"{content}-{style}.png")
    if not os.path.exists(path):
        return None
    result = Image.open(path).convert("RGB")
    side = (max(result.size) - GAP) // 2
    parts = [fit(os.path.join(pictures, "content", content + ".png"), side, result.height), fit(os.path.join(pictures, "style", style + ".png"), side, result.height)]
    sheet = Image.new("RGB", (2 * side + 2 * GAP + max(result.size), result.height), "white")
    for i, part in enumerate(parts):
        sheet.paste(part, (i * (side + GAP) + (side - part.width) // 2, (result.height - part.height) // 2))
    sheet.paste(result, (2 * (side + GAP) + (max(result.size) - result.width) // 2, 0))
    return sheet


def main():
    pictures, painted, out = sys.argv[1:]
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pairs.txt")) as f:
        pairs = [line.split() for line in f]
    os.makedirs(out, exist_ok=True)
    for i, kind in enumerate(KINDS):
        rows = [r for r in (row(pictures, painted, *pair) for pair in pairs[6 * i:6 * i + 6]) if r]
        if not rows:
            continue
        sheet = Image.new("RGB", (max(r.width for r in rows), sum(r.height + GAP for r in rows) - GAP), "white")
        y = 0
        for r in rows:
            sheet.paste(r, (0, y))
            y += r.height + GAP
        sheet.save(os.path.join(out, kind + ".jpg"), quality=80)


if __name__ == "__main__":
    main()

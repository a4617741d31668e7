#!/usr/bin/python3
"""Gathers the pictures of docs/quality/pictures.md from Debian packages.

  apt-get update && apt-get install python3-pil
  gather.py pictures/

Writes pictures/content/NAME.png and pictures/style/NAME.png, the long side at most 1024 pixels. Nothing is installed,
but about 700 MB of packages are downloaded, one after the other. Made for Debian 12.

The tables in pictures.md say which package and path each picture comes from. A path with a colon is one within a Qt
resource file of gcompris-qt-data: the name of a picture, or the title of a painting that is kept in pieces.
"""
import collections, io, os, re, sys, tempfile
from PIL import Image

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "../../cmd/distil/testdata"))
import debian_pictures

Image.MAX_IMAGE_PIXELS = None  # some wallpapers have so many that Pillow warns of an attack

# How many pixels are cut off each edge of a style, where scans have remains of a frame, which would be painted too.
EDGE = 4
EDGES = {"starry_night": 14, "pen_map": 30}


def table():
    """Yields (folder, name, package, path) for each row of the tables in pictures.md."""
    folder = None
    for line in open(os.path.join(here, "pictures.md"), encoding="utf-8"):
        if line.startswith("## "):
            folder = line[3:].strip().lower()
        cells = [cell.strip() for cell in line.split("|")]
        if folder in ("content", "style") and len(cells) == 9 and (name := re.fullmatch("`(.*)`", cells[1])):
            yield folder, name[1], cells[4].strip("`"), cells[5].strip("`")


def find(root, path):
    """Opens the picture at path in the package that is unpacked in root."""
    if ":" not in path:
        return Image.open(os.path.join(root, path))
    rcc, name = path.split(":")
    rcc = os.path.join(root, rcc)
    if rcc.endswith("paintings.rcc"):
        return next(painting for title, painting in debian_pictures.paintings(rcc) if title == name)
    return next(Image.open(io.BytesIO(data)) for file, data in debian_pictures.unpack(rcc) if file.endswith("/" + name))


def flatten(picture):
    """Makes picture RGB, transparent parts of it white."""
    picture = picture.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    white.alpha_composite(picture)
    return white.convert("RGB")


def main(out):
    packages = collections.defaultdict(list)
    for folder, name, package, path in table():
        os.makedirs(os.path.join(out, folder), exist_ok=True)
        packages[package].append((folder, name, path))
    for package, pictures in packages.items():
        with tempfile.TemporaryDirectory() as root:
            debian_pictures.download(package, root, *{path.split(":")[0] for _, _, path in pictures})
            for folder, name, path in pictures:
                picture = flatten(find(root, path))
                if folder == "style":
                    edge = EDGES.get(name, EDGE)
                    picture = picture.crop((edge, edge, picture.width - edge, picture.height - edge))
                picture.thumbnail((1024, 1024), Image.LANCZOS)
                picture.save(os.path.join(out, folder, name + ".png"))


if __name__ == "__main__":
    main(sys.argv[1])

#!/usr/bin/python3
"""Gathers freely licensed pictures from Debian packages, for cmd/distil.

  apt-get install plasma-workspace-wallpapers mate-backgrounds gnome-backgrounds lomiri-wallpapers-20.04 \\
      ukui-wallpapers tuxpaint-stamps-default python3-pil
  debian_pictures.py pictures/

The packages bring /usr/share/wallpapers, /usr/share/backgrounds and /usr/share/tuxpaint/stamps. This script
fetches one more, gcompris-qt-data, whose pictures are inside of Qt resource files, and unpacks into
  pictures/photographs   photographs of monuments, animals and musicians (CC BY-SA, public domain)
  pictures/paintings     22 old paintings, from the WebMuseum, put together from the pieces of puzzles
Licences are in /usr/share/doc of each package.
"""
import glob, io, os, re, struct, subprocess, sys, tempfile, zlib
from PIL import Image


def unpack(rcc):
    """Yields the path and the bytes of each file in a Qt resource file."""
    data = open(rcc, "rb").read()
    version, tree, payload, names = struct.unpack(">IIII", data[4:20])
    assert data[:4] == b"qres"
    size = 22 if version >= 2 else 14

    def walk(i, path):
        at = tree + i * size
        name, flags = struct.unpack(">IH", data[at:at + 6])
        if i:
            length, = struct.unpack(">H", data[names + name:names + name + 2])
            path = path + "/" + data[names + name + 6:names + name + 6 + 2 * length].decode("utf-16-be")
        if flags & 2:
            count, first = struct.unpack(">II", data[at + 6:at + 14])
            for child in range(first, first + count):
                yield from walk(child, path)
            return
        offset, = struct.unpack(">I", data[at + 10:at + 14])
        length, = struct.unpack(">I", data[payload + offset:payload + offset + 4])
        content = data[payload + offset + 4:payload + offset + 4 + length]
        yield path, zlib.decompress(content[4:]) if flags & 1 else content

    yield from walk(0, "")


def download(package, folder, *paths):
    """Fetches a Debian package and unpacks it, or only the named paths of it, into folder."""
    with tempfile.TemporaryDirectory() as tmp:
        os.chmod(tmp, 0o777)  # apt-get downloads as the user _apt
        subprocess.run(["apt-get", "download", package], cwd=tmp, check=True)
        os.makedirs(folder, exist_ok=True)
        tar = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", *glob.glob(tmp + "/*.deb")], stdout=subprocess.PIPE)
        subprocess.run(["tar", "-x", "-C", folder, *("./" + path for path in paths)], stdin=tar.stdout, check=True)
        tar.stdout.close()
        if tar.wait():
            raise subprocess.CalledProcessError(tar.returncode, tar.args)


def paintings(rcc):
    """Yields the title and the picture of each painting in paintings.rcc, put together from its puzzle's pieces."""
    pieces, boards = {}, []
    for path, content in unpack(rcc):
        if path.endswith(".webp"):
            pieces[os.path.basename(path)] = content
        elif "/board/" in path:
            boards.append(content.decode())
    for board in boards:
        title = re.search(r'qsTr\("(.*?)"\)', board).group(1)
        width, height = (int(re.search(rf'"{side}": *(\d+)', board).group(1)) for side in ("width", "height"))
        whole = Image.new("RGBA", (width, height))
        for name, x, y in re.findall(r'"pixmapfile" *: *"image/([^"]*webp)",\s*"x" *: *"([\d.]+)",\s*"y" *: *"([\d.]+)"', board):
            piece = Image.open(io.BytesIO(pieces[name])).convert("RGBA")
            whole.alpha_composite(piece, (max(0, round(float(x) * width - piece.width / 2)), max(0, round(float(y) * height - piece.height / 2))))
        yield title, whole.crop(whole.getbbox()).convert("RGB")


def main(out):
    photographs, whole = os.path.join(out, "photographs"), os.path.join(out, "paintings")
    os.makedirs(photographs)
    os.makedirs(whole)
    with tempfile.TemporaryDirectory() as tmp:
        download("gcompris-qt-data", tmp)
        rcc = tmp + "/usr/share/gcompris-qt/rcc/"
        for name in ("explore_monuments", "explore_world_animals", "explore_world_music", "explore_farm_animals", "photo_hunter"):
            for path, content in unpack(rcc + name + ".rcc"):
                if path.endswith(".webp"):
                    open(os.path.join(photographs, name + "-" + os.path.basename(path)), "wb").write(content)
        for title, painting in paintings(rcc + "paintings.rcc"):
            painting.save(os.path.join(whole, title + ".png"))


if __name__ == "__main__":
    main(sys.argv[1])

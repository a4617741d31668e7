"""ICC profiles for the pictures of this folder, made from published numbers.

ICC.1:2001-04 (version 2) throughout; nothing is taken from anybody's file, so
they are as free as the rest of this project.
"""
import struct

import numpy as np

D50 = np.array([0.9642, 1.0, 0.8249])
D65 = (0.3127, 0.3290)
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def fixed(v):
    return struct.pack(">i", round(v * 65536))


def xyz(v):
    return b"XYZ \0\0\0\0" + b"".join(fixed(c) for c in v)


def gamma(g):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(g * 256)) + b"\0\0"


def table(f, n=1024):
    """A curve of n points."""
    points = [round(65535 * f(i / (n - 1))) for i in range(n)]
    return b"curv\0\0\0\0" + struct.pack(f">I{n}H", n, *points)


def text(s):
    return b"text\0\0\0\0" + s.encode() + b"\0"


def description(s):
    s = s.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(s)) + s + bytes(4 + 4 + 2 + 1 + 67)


def profile(kind, space, pcs, tags):
    tags = [(b"desc", description("test")), (b"cprt", text("CC0")), (b"wtpt", xyz(D50))] + tags
    offset, table_, body, placed = 132 + 12 * len(tags), b"", b"", {}
    for name, data in tags:
        data += bytes(-len(data) % 4)
        if data not in placed:
            placed[data] = offset + len(body)
            body += data
        table_ += struct.pack(">4sII", name, placed[data], len(data))
    header = struct.pack(">I4sI4s4s4s", offset + len(body), b"\0\0\0\0", 0x02400000, kind, space, pcs)
    header += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + b"".join(fixed(v) for v in D50)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table_ + body


def to_xyz(x, y):
    return np.array([x / y, 1, (1 - x - y) / y])


def rgb(red, green, blue, curve, white=D65):
    """A monitor with primaries and a white of chromaticity (x, y)."""
    m = np.stack([to_xyz(*c) for c in (red, green, blue)], 1)
    w = to_xyz(*white)
    m = m * np.linalg.solve(m, w)
    adapt = np.linalg.inv(BRADFORD) @ np.diag(BRADFORD @ D50 / (BRADFORD @ w)) @ BRADFORD
    m = adapt @ m
    tags = [(n + b"XYZ", xyz(m[:, i])) for i, n in enumerate((b"r", b"g", b"b"))]
    tags += [(n + b"TRC", curve) for n in (b"r", b"g", b"b")]
    return profile(b"mntr", b"RGB ", b"XYZ ", tags)


def srgb_curve(v):
    return v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4


def display_p3():
    """SMPTE RP 431-2 primaries, D65, the curve of sRGB."""
    return rgb((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), table(srgb_curve))


def adobe_rgb():
    """Primaries and curve of the Adobe RGB (1998) Color Image Encoding, version 2005-05."""
    return rgb((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), gamma(563 / 256))


def grey(g):
    return profile(b"mntr", b"GRAY", b"XYZ ", [(b"kTRC", gamma(g))])


def lab(rgb_):
    """CIE L*a*b* of linear sRGB, relative to D50."""
    m = np.array([[0.4361, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7141]])
    v = (m @ rgb_) / (m @ np.ones(3))
    f = np.where(v > (6 / 29) ** 3, np.cbrt(v), v / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def lut16(inputs, outputs, grid, values):
    """A lut16Type with straight curves; values run over the grid, the first input slowest."""
    identity = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    curves = struct.pack(">2H", 0, 65535)
    clut = np.asarray(values).round().astype(">u2").tobytes()
    return (b"mft2\0\0\0\0" + bytes([inputs, outputs, grid, 0]) + identity + struct.pack(">2H", 2, 2)
            + curves * inputs + clut + curves * outputs)


def cmyk():
    """A printer whose inks are dull, on paper that is not quite white, with a black that is not quite black."""
    grid = np.linspace(0, 1, 5)
    to_lab = []
    for c in grid:
        for m in grid:
            for y in grid:
                for k in grid:
                    ink = np.array([1 - 0.85 * c, 1 - 0.8 * m, 1 - 0.9 * y]) ** 2.2
                    cross = np.array([1 - 0.1 * m, 1 - 0.25 * c, 1 - 0.2 * m])
                    light = ink * cross * (1 - 0.93 * k) * np.array([0.93, 0.93, 0.88]) + 0.01
                    l, a, b = lab(light)
                    to_lab.append((l * 652.8, (a + 128) * 256, (b + 128) * 256))
    # The way back, only good enough that its black is a black.
    from_lab = []
    for l in grid:
        for a in grid:
            for b in grid:
                a_, b_ = (a - 0.5) * 2, (b - 0.5) * 2
                inks = np.array([0.5 - a_, 0.5 + a_ - b_, 0.5 + b_, 1 - l]).clip(0, 1) * (1 - l)
                from_lab.append(inks * 65535)
    return profile(b"prtr", b"CMYK", b"Lab ", [(b"A2B0", lut16(4, 3, 5, to_lab)), (b"B2A0", lut16(3, 4, 5, from_lab))])

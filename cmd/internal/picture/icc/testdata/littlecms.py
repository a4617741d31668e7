"""Makes littlecms.zip: ICC profiles of every kind, and what littlecms makes of colours.

Profiles named "code points P T" are of the primaries and the function that H.273 means.

    python3 littlecms.py        (numpy, liblcms2 >= 2.14)

NAME.icc is a profile. NAME.txt has a line for each colour: one, three or four values of
the profile's space and the red, green and blue of sRGB, all from 0 to 1. The intent is
relative colorimetric with black point compensation, computed in floating point and cut
off channel by channel.
"""
import ctypes
import ctypes.util
import pathlib
import struct
import sys
import zipfile

import numpy as np

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "testdata"))
import profiles
from profiles import D50, D65, fixed, gamma, grey, lut16, profile, rgb, srgb_curve, table, xyz

SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
BT2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
PROPHOTO = ((0.734699, 0.265301), (0.159597, 0.840403), (0.036598, 0.000105))
WHITE_D50 = (0.3457, 0.3585)
CHAD = profiles.BRADFORD  # any matrix: relative colours do not depend on it

lcms = ctypes.CDLL(ctypes.util.find_library("lcms2"))
for f in "cmsOpenProfileFromMem", "cmsCreate_sRGBProfile", "cmsCreateTransform":
    getattr(lcms, f).restype = ctypes.c_void_p


def convert(icc, colours, flags=0x2000):
    """Colours (N, channels) as littlecms converts them; None for a profile that it refuses."""
    channels = colours.shape[1]
    space = {1: 3, 3: 4, 4: 6}[channels]  # PT_GRAY, PT_RGB, PT_CMYK
    double = 1 << 22
    source = ctypes.c_void_p(lcms.cmsOpenProfileFromMem(icc, len(icc)))
    srgb = ctypes.c_void_p(lcms.cmsCreate_sRGBProfile())
    if not source.value:
        return None
    transform = lcms.cmsCreateTransform(source, double | space << 16 | channels << 3, srgb, double | 4 << 16 | 3 << 3,
                                        1, flags | 0x140)  # not optimised, no cache
    if not transform:
        return None
    given = np.ascontiguousarray(colours * (100 if channels == 4 else 1), np.float64)
    out = np.empty((len(colours), 3))
    lcms.cmsDoTransform(ctypes.c_void_p(transform), given.ctypes.data_as(ctypes.c_void_p),
                        out.ctypes.data_as(ctypes.c_void_p), len(colours))
    return out.clip(0, 1)


def parametric(kind, *values):
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + b"".join(fixed(v) for v in values)


def straight():
    return b"curv\0\0\0\0" + struct.pack(">I", 0)


def version4(icc):
    return icc[:8] + b"\x04\x30\0\0" + icc[12:]


def with_tags(icc, *tags):
    """The profile with tags added or, by the same name, replaced."""
    count = struct.unpack(">I", icc[128:132])[0]
    old = []
    for i in range(count):
        name, offset, size = struct.unpack(">4sII", icc[132 + 12 * i:][:12])
        old.append((name, icc[offset:offset + size]))
    names = [n for n, _ in tags]
    kept = [t for t in old if t[0] not in names and t[0] not in (b"desc", b"cprt", b"wtpt")]
    new = profile(icc[12:16], icc[16:20], icc[20:24], kept + list(tags))
    return new[:8] + icc[8:12] + new[12:]


def chad():
    return (b"chad", b"sf32\0\0\0\0" + b"".join(fixed(v) for v in CHAD.flatten()))


def lab_of(linear):
    return profiles.lab(np.asarray(linear, float))


def curve_of(values):
    return b"curv\0\0\0\0" + struct.pack(f">I{len(values)}H", len(values), *values)


def padded(data):
    return data + bytes(-len(data) % 4)


def modular(inputs, b_curves, matrix=None, m_curves=None, grid=None, values=None, width=2, a_curves=None):
    """A lutAToBType."""
    body, offsets = b"", {}

    def add(name, data):
        nonlocal body
        offsets[name] = 32 + len(body)
        body += padded(data)

    add("b", b"".join(padded(c) for c in b_curves))
    if matrix is not None:
        add("matrix", b"".join(fixed(v) for v in matrix))
    if m_curves is not None:
        add("m", b"".join(padded(c) for c in m_curves))
    if grid is not None:
        scaled = np.asarray(values) * (255 if width == 1 else 65535)
        packed = scaled.round().clip(0, 255 if width == 1 else 65535).astype("u1" if width == 1 else ">u2").tobytes()
        add("clut", bytes(grid).ljust(16, b"\0") + bytes([width, 0, 0, 0]) + packed)
    if a_curves is not None:
        add("a", b"".join(padded(c) for c in a_curves))
    head = b"mAB \0\0\0\0" + bytes([inputs, 3, 0, 0])
    return head + b"".join(struct.pack(">I", offsets.get(n, 0)) for n in ("b", "matrix", "m", "clut", "a")) + body


IDENTITY = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))


def lut8(inputs, outputs, grid, values, curve=lambda v: v):
    one = bytes(round(255 * curve(i / 255)) for i in range(256))
    flat = bytes(range(256))
    clut = np.asarray(values).round().clip(0, 255).astype("u1").tobytes()
    return b"mft1\0\0\0\0" + bytes([inputs, outputs, grid, 0]) + IDENTITY + one * inputs + clut + flat * outputs


def lut16_curves(inputs, outputs, grid, values, entries, curve):
    one = struct.pack(f">{entries}H", *(round(65535 * curve(i / (entries - 1))) for i in range(entries)))
    flat = struct.pack(">2H", 0, 65535)
    clut = np.asarray(values).round().clip(0, 65535).astype(">u2").tobytes()
    return (b"mft2\0\0\0\0" + bytes([inputs, outputs, grid, 0]) + IDENTITY + struct.pack(">2H", entries, 2)
            + one * inputs + clut + flat * outputs)


def over_grid(f, *points):
    """The values of f over a grid, the first input slowest."""
    axes = np.meshgrid(*[np.linspace(0, 1, n) for n in points], indexing="ij")
    return [f(np.array(v)) for v in zip(*[a.flatten() for a in axes])]


def display(v):
    """L*a*b* of a display whose black is not quite black."""
    return lab_of(0.97 * v ** 2.2 + 0.01)


def printer(v):
    c, m, y, k = v
    ink = np.array([1 - 0.85 * c, 1 - 0.8 * m, 1 - 0.9 * y]) ** 2.2
    return lab_of(ink * np.array([1 - 0.1 * m, 1 - 0.25 * c, 1 - 0.2 * m]) * (1 - 0.93 * k) + 0.01)


def legacy(lab):  # L*a*b* of version 2 in 16 bits
    return np.array([lab[0] * 652.8, (lab[1] + 128) * 256, (lab[2] + 128) * 256])


def unit(lab):  # of version 4, from 0 to 1
    return np.array([lab[0] / 100, (lab[1] + 128) / 255, (lab[2] + 128) / 255])


def matrix_profiles():
    for name, g in ("1.0", 1), ("1.8", 1.8), ("2.2", 2.2), ("2.4", 2.4):
        for space, p in ("srgb", SRGB), ("p3", P3):
            yield f"{space} gamma {name}", rgb(*p, gamma(g))
        yield f"srgb gamma {name} version 4", version4(with_tags(rgb(*SRGB, parametric(0, g)), chad()))
    yield "srgb linear, empty curve", rgb(*SRGB, straight())
    yield "p3 linear, empty curve", rgb(*P3, straight())
    yield "bt2020 linear, table of 2", rgb(*BT2020, table(lambda v: v, 2))
    yield "adobe", rgb(*ADOBE, gamma(563 / 256))
    yield "prophoto", rgb(*PROPHOTO, gamma(1.8), WHITE_D50)
    yield "srgb parametric 1", version4(rgb(*SRGB, parametric(1, 2.2, 1.1, -0.1)))
    yield "srgb parametric 2", version4(rgb(*SRGB, parametric(2, 2.2, 0.9, 0.05, 0.01)))
    yield "srgb parametric 3", version4(rgb(*SRGB, parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)))
    yield "p3 parametric 3", version4(with_tags(rgb(*P3, parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)), chad()))
    yield "bt2020 parametric 3", version4(rgb(*BT2020, parametric(3, 1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)))
    yield "srgb parametric 4", version4(rgb(*SRGB, parametric(4, 2.4, 0.94, 0.055, 0.08, 0.04, 0.01, 0.002)))
    for n in 2, 3, 16, 256, 1024, 4096:
        yield f"p3 table of {n}", rgb(*P3, table(lambda v: v ** 2.2, n))
    yield "srgb table of 1024", rgb(*SRGB, table(srgb_curve))
    yield "srgb table of 4096, gamma 1.8", version4(rgb(*SRGB, table(lambda v: v ** 1.8, 4096)))
    yield "adobe table of 256, black above 0", rgb(*ADOBE, table(lambda v: 0.02 + 0.98 * v ** 2.2, 256))
    yield "srgb, falling", rgb(*SRGB, table(lambda v: 1 - v, 16))
    yield "srgb, flat start", rgb(*SRGB, table(lambda v: max(0, v - 0.1) / 0.9, 64))
    icc = rgb(*SRGB, gamma(2.2))
    yield "three curves", with_tags(icc, (b"gTRC", gamma(1.8)), (b"bTRC", table(lambda v: v ** 2.6, 32)))


def table_profiles():
    mntr, prtr = b"mntr", b"prtr"
    lab_values = over_grid(lambda v: legacy(display(v)), 7, 7, 7)
    yield "rgb mft2 to lab", profile(mntr, b"RGB ", b"Lab ", [(b"A2B0", lut16(3, 3, 7, lab_values))])
    yield "rgb mft2 to lab, version 4", version4(profile(mntr, b"RGB ", b"Lab ", [(b"A2B0", lut16(3, 3, 7, lab_values))]))
    linear = over_grid(lambda v: legacy(display(v ** (1 / 2.2))), 7, 7, 7)
    yield "rgb mft2 with curves", profile(mntr, b"RGB ", b"Lab ", [(b"A2B1", lut16_curves(3, 3, 7, linear, 256, lambda v: v ** 2.2))])
    eight = over_grid(lambda v: unit(display(v)) * 255, 7, 7, 7)
    yield "rgb mft1 to lab", profile(mntr, b"RGB ", b"Lab ", [(b"A2B0", lut8(3, 3, 7, eight))])
    eight = over_grid(lambda v: unit(display(v ** (1 / 1.5))) * 255, 7, 7, 7)
    yield "rgb mft1 with curves", profile(mntr, b"RGB ", b"Lab ", [(b"A2B0", lut8(3, 3, 7, eight, lambda v: v ** 1.5))])
    m = np.array([[0.4361, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7141]])
    encoded = over_grid(lambda v: m @ v * 32768, 5, 5, 5)
    yield "rgb mft2 to xyz", profile(mntr, b"RGB ", b"XYZ ", [(b"A2B0", lut16_curves(3, 3, 5, encoded, 256, lambda v: v ** 2.2))])
    flat, steep = [straight()] * 3, [parametric(0, 2.2)] * 3
    xyz_matrix = list((m * 32768 / 65535).flatten()) + [0, 0, 0]
    yield "rgb mAB of a matrix", version4(profile(mntr, b"RGB ", b"XYZ ", [(b"A2B0", modular(3, flat, xyz_matrix, steep))]))
    values = over_grid(lambda v: unit(display(v)), 7, 6, 5)
    yield "rgb mAB of a table", version4(profile(mntr, b"RGB ", b"Lab ", [(b"A2B0", modular(3, flat, grid=(7, 6, 5), values=values, a_curves=flat))]))
    yield "rgb mAB of a table of bytes", version4(profile(mntr, b"RGB ", b"Lab ", [
        (b"A2B0", modular(3, flat, grid=(7, 6, 5), values=values, width=1, a_curves=flat))]))
    values = over_grid(lambda v: unit(display(v ** (1 / 1.8))), 5, 5, 5)
    yield "rgb mAB of everything", version4(profile(mntr, b"RGB ", b"Lab ", [
        (b"A2B0", modular(3, [parametric(0, 1.05), straight(), straight()], [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0.01, 0.01],
                          [parametric(0, 1.02)] * 3, (5, 5, 5), values, 2, [table(lambda v: v ** 1.8, 64)] * 3))]))
    icc = version4(profile(mntr, b"RGB ", b"Lab ", [(b"A2B0", modular(3, flat, grid=(2, 2, 2), values=over_grid(lambda v: np.array([0.5, 0.5, 0.5]), 2, 2, 2), a_curves=flat)),
                                                    (b"A2B1", modular(3, flat, grid=(7, 7, 7), values=over_grid(lambda v: unit(display(v)), 7, 7, 7), a_curves=flat))]))
    yield "rgb mAB by intent", icc
    yield "rgb table before matrix", with_tags(rgb(*SRGB, gamma(1)), (b"A2B0", lut16_curves(3, 3, 5, encoded, 256, lambda v: v ** 2.2)))
    inks = over_grid(lambda v: legacy(printer(v)), 5, 5, 5, 5)
    way_back = lut16(3, 4, 3, over_grid(lambda v: np.ones(4) * (1 - v[0]) * 65535, 3, 3, 3))
    yield "cmyk mft2", profile(prtr, b"CMYK", b"Lab ", [(b"A2B0", lut16(4, 3, 5, inks)), (b"B2A0", way_back)])
    yield "cmyk mft1", profile(prtr, b"CMYK", b"Lab ", [(b"A2B0", lut8(4, 3, 5, over_grid(lambda v: unit(printer(v)) * 255, 5, 5, 5, 5))), (b"B2A0", way_back)])
    values = over_grid(lambda v: unit(printer(v)), 4, 5, 3, 5)
    yield "cmyk mAB", version4(profile(prtr, b"CMYK", b"Lab ", [
        (b"A2B0", modular(4, flat, grid=(4, 5, 3, 5), values=values, a_curves=[straight()] * 4)), (b"B2A0", way_back)]))
    encoded = over_grid(lambda v: m @ (np.array([0.9, 0.95, 0.85]) * (1 - v[:3]) ** 2 * (1 - v[3]) + 0.02) * 32768, 3, 3, 3, 3)
    yield "cmyk mft2 to xyz", version4(profile(prtr, b"CMYK", b"XYZ ", [(b"A2B0", lut16(4, 3, 3, encoded)), (b"B2A0", way_back)]))
    yield "cmyk without the way back", profile(prtr, b"CMYK", b"Lab ", [(b"A2B0", lut16(4, 3, 5, inks))])


def grey_profiles():
    for name, curve in (("gamma 1.0", gamma(1)), ("empty curve", straight()), ("gamma 1.8", gamma(1.8)), ("gamma 2.2", gamma(2.2)),
                        ("table of 256", table(lambda v: v ** 2.4, 256)), ("sRGB's curve", table(srgb_curve, 4096)),
                        ("table with a black", table(lambda v: 0.03 + 0.97 * v ** 2.2, 64))):
        yield "grey " + name, profile(b"mntr", b"GRAY", b"XYZ ", [(b"kTRC", curve)])
    yield "grey parametric", version4(profile(b"mntr", b"GRAY", b"XYZ ", [(b"kTRC", parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))]))
    yield "grey to lab", profile(b"prtr", b"GRAY", b"Lab ", [(b"kTRC", gamma(1))])
    yield "grey to lab, curve", profile(b"prtr", b"GRAY", b"Lab ", [(b"kTRC", table(lambda v: v ** 0.9, 32))])


def coded_profiles():
    """Profiles of what code points of H.273 mean."""
    c = (0.310, 0.316)
    smpte = ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), D65)
    primaries = {1: (*SRGB, D65), 4: ((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), c), 5: ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), D65),
                 6: smpte, 7: smpte, 8: ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), c), 9: (*BT2020, D65),
                 11: (*P3, (0.314, 0.351)), 12: (*P3, D65), 22: ((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), D65)}
    bt709 = parametric(3, 1 / 0.45, 1 / 1.0993, 0.0993 / 1.0993, 1 / 4.5, 0.0812)
    transfer = {1: bt709, 6: bt709, 14: bt709, 15: bt709, 4: parametric(0, 2.2), 5: parametric(0, 2.8), 8: parametric(0, 1),
                7: parametric(3, 1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0912),
                13: parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)}
    pairs = [(p, 13) for p in primaries] + [(1, t) for t in transfer if t != 13] + [(9, 1), (9, 14), (12, 4), (12, 8)]
    for p, t in pairs:
        r, g, b, white = primaries[p]
        yield f"code points {p} {t}", version4(rgb(r, g, b, transfer[t], white))


def colours(space):
    rng = np.random.default_rng(5)
    if space == b"GRAY":
        return np.linspace(0, 1, 18)[:, None]
    channels = 4 if space == b"CMYK" else 3
    corners = np.stack(np.meshgrid(*[[0, 1]] * channels, indexing="ij"), -1).reshape(-1, channels)
    greys = np.repeat(np.linspace(0, 1, 12)[:, None], channels, 1)
    return np.concatenate([corners, greys, rng.integers(0, 256, (24, channels)) / 255])


if __name__ == "__main__":
    with zipfile.ZipFile("littlecms.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        def write(name, data):
            z.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
        for make in matrix_profiles, table_profiles, grey_profiles, coded_profiles:
            for name, icc in make():
                given = colours(icc[16:20])
                out = convert(icc, given)
                if out is None:
                    raise SystemExit(f"littlecms refuses {name}")
                write(name + ".icc", icc)
                write(name + ".txt", "".join(" ".join(f"{v:.5f}" for v in line) + "\n" for line in np.hstack([given, out])))

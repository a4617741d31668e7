"""Makes pictures of all kinds, and what other programs read from them.

    python3 make_formats.py        (Pillow >= 9 with littlecms, numpy, ImageMagick 6)

NAME.want.png beside NAME.* is what Load should return, as read by Pillow; with
alpha, where there is alpha. NAME.want.npy is the same for 16 bits, in which case
it is what went in, and ImageMagick has confirmed it. Profiles are applied by
littlecms.
"""
import io
import subprocess
import sys

import numpy as np
from PIL import Image, ImageCms, ImageOps

import profiles

W, H = 24, 16
y, x = np.mgrid[0:H, 0:W]
smooth = np.stack([11 * x, 17 * y, 255 - 7 * x - 5 * y], -1).clip(0, 255).astype(np.uint8)
rng = np.random.default_rng(3)
noisy = rng.integers(0, 256, (H, W, 3), dtype=np.uint8)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def magick(*args, stdin=None):
    return subprocess.run(["convert", *args], input=stdin, stdout=subprocess.PIPE, check=True).stdout


def want(name, image):
    image.save(name + ".want.png", optimize=True)


def converted(image, profile):
    """What littlecms makes of it, with the intent that Decode names."""
    black_point_compensation = 0x2000
    return ImageCms.profileToProfile(image, io.BytesIO(profile), SRGB, renderingIntent=1, outputMode="RGB",
                                     flags=black_point_compensation)


def reread(name):
    return Image.open(name)


# Profiles, in every format that holds one.
p3, adobe, grey18, inks = profiles.display_p3(), profiles.adobe_rgb(), profiles.grey(1.8), profiles.cmyk()
image = Image.fromarray(smooth)
for name, profile in (("p3", p3), ("adobe", adobe)):
    image.save(name + ".png", icc_profile=profile, optimize=True)
    image.save(name + ".tiff", icc_profile=profile, compression="tiff_lzw")
    image.save(name + ".webp", icc_profile=profile, lossless=True, exact=True)
    want(name, converted(image, profile))
    image.save(name + "_jpeg.jpg", icc_profile=profile, quality=98, subsampling=0)
    want(name + "_jpeg", converted(reread(name + "_jpeg.jpg"), profile))
g = Image.fromarray(smooth[..., 0])
for name in ("grey_profile.png", "grey_profile.tiff"):
    g.save(name, icc_profile=grey18)
want("grey_profile", converted(g, grey18))

# Inks: without a profile, with one, and as YCCK, which Pillow does not write:
# an Adobe file has the transformed inks C, M and Y in the first three planes,
# and all four inverted but for the transform, and says 2 in its APP14 marker.
c = Image.fromarray(np.dstack([smooth, (x * 4).astype(np.uint8)]), "CMYK")
c.save("cmyk_profile.jpg", quality=98, subsampling=0, icc_profile=inks)
want("cmyk_profile", converted(reread("cmyk_profile.jpg"), inks))
ycc = np.asarray(Image.fromarray(smooth).convert("YCbCr"))
planes = Image.fromarray(np.dstack([255 - ycc, np.asarray(c)[..., 3]]), "CMYK")
for progressive in (False, True):
    name = "ycck_progressive" if progressive else "ycck"
    out = io.BytesIO()
    planes.save(out, "JPEG", quality=98, subsampling=0, progressive=progressive)
    data = bytearray(out.getvalue())
    at = data.index(b"Adobe") + 11
    assert data[at] == 0
    data[at] = 2
    open(name + ".jpg", "wb").write(data)
    back = np.asarray(reread(name + ".jpg"), int)
    assert abs(back - np.asarray(c, int)).max() <= 6, abs(back - np.asarray(c, int)).max()
    raw = np.frombuffer(magick(name + ".jpg", "-depth", "8", "cmyk:-"), np.uint8).reshape(H, W, 4).astype(int)
    assert abs(raw - back).max() <= 2, abs(raw - back).max()
    want(name, reread(name + ".jpg").convert("RGB"))

# 16 bits. The values are no multiples of 257.
deep = rng.integers(0, 65536, (H, W, 3), dtype=np.uint16)
deep_grey = rng.integers(0, 65536, (H, W), dtype=np.uint16)
raw = ["-size", f"{W}x{H}", "-depth", "16", "-endian", "LSB"]
rgb16, grey16 = raw + ["rgb:-"], raw + ["gray:-"]
for name, args, pixels in (
    ("deep.png", rgb16 + ["PNG48:deep.png"], deep),
    ("deep_lzw.tiff", rgb16 + ["-compress", "LZW", "deep_lzw.tiff"], deep),
    ("deep_zip.tiff", rgb16 + ["-compress", "Zip", "deep_zip.tiff"], deep),
    ("deep_none.tiff", rgb16 + ["-compress", "None", "-endian", "MSB", "deep_none.tiff"], deep),
    ("deep_grey.png", grey16 + ["-define", "png:bit-depth=16", "deep_grey.png"], deep_grey),
    ("deep_grey.tiff", grey16 + ["-compress", "LZW", "deep_grey.tiff"], deep_grey),
):
    magick(*args, stdin=pixels.astype("<u2").tobytes())
    kind = "rgb:-" if pixels.ndim == 3 else "gray:-"
    back = np.frombuffer(magick(name, "-depth", "16", "-endian", "LSB", kind), "<u2").reshape(pixels.shape)
    assert (back == pixels).all(), name
np.save("deep.want.npy", (deep / 257).astype(np.float32))
np.save("deep_grey.want.npy", (np.dstack([deep_grey] * 3) / 257).astype(np.float32))

# Alpha, with colours that differ from white, black and one another everywhere,
# and columns that are transparent throughout.
a = np.broadcast_to((x * 16).clip(0, 255), (H, W)).astype(np.uint8).copy()
a[:, 8:10] = 0
rgba = np.dstack([noisy, a])
image = Image.fromarray(rgba, "RGBA")
image.save("straight.png")
image.save("straight.tiff", compression="tiff_adobe_deflate")
image.save("straight.webp", lossless=True, exact=True)
want("straight", image)
for name in ("straight.png", "straight.tiff", "straight.webp"):
    assert (np.asarray(reread(name)) == rgba).all(), name
magick("straight.png", "-define", "tiff:alpha=associated", "-compress", "LZW", "premultiplied.tiff")
back = np.frombuffer(magick("premultiplied.tiff", "-depth", "8", "rgba:-"), np.uint8).reshape(H, W, 4).astype(int)
assert (abs(back - rgba)[..., :3] * rgba[..., 3:] <= 256).all()
deep_rgba = np.dstack([deep, a.astype(np.uint16) * 257])
magick(*raw, "rgba:-", "PNG64:deep_alpha.png", stdin=deep_rgba.astype("<u2").tobytes())
np.save("deep_alpha.want.npy", (deep_rgba / 257).astype(np.float32))
# Lossy WebP halves the resolution of colours, and decoders differ in how they
# widen them; not where it becomes brighter only.
ramp = (np.array([150, 60, 20]) + 3 * x[..., None] + 2 * y[..., None]).astype(np.uint8)
soft = Image.fromarray(np.dstack([ramp, a]), "RGBA")
soft.save("alpha_lossy.webp", quality=100, exact=True)
want("alpha_lossy", reread("alpha_lossy.webp").convert("RGBA"))
palette = Image.fromarray(noisy).quantize(16)
palette.save("hole.gif", transparency=3)
want("hole", reread("hole.gif").convert("RGBA"))
palette.save("hole.png", transparency=3)
assert (np.asarray(reread("hole.png").convert("RGBA")) == np.asarray(reread("hole.gif").convert("RGBA"))).all()
two = Image.new("LA", (W, H))
two.putdata(list(zip(smooth[..., 0].ravel().tolist(), a.ravel().tolist())))
two.save("grey_alpha.png")
want("grey_alpha", two.convert("RGBA"))

# Other kinds of the formats.
image = Image.fromarray(noisy)
image.save("deflate.tiff", compression="tiff_adobe_deflate")
image.save("packbits.tiff", compression="packbits")
image.convert("P", palette=Image.ADAPTIVE, colors=32).save("palette.bmp")
want("palette_bmp", reread("palette.bmp").convert("RGB"))
want("noisy", image)
image.convert("L").save("grey.webp", lossless=True)
want("grey_webp", reread("grey.webp").convert("RGB"))
still = Image.fromarray(smooth)
Image.fromarray(ramp).save("lossy.webp", quality=95)
want("lossy", reread("lossy.webp").convert("RGB"))
still.save("subsampled.jpg", quality=95, subsampling=2)
want("subsampled", reread("subsampled.jpg"))
magick("subsampled.jpg", "-interlace", "JPEG", "-quality", "95", "-sampling-factor", "2x1", "progressive_422.jpg")
want("progressive_422", reread("progressive_422.jpg"))
frames = [Image.fromarray(f).quantize(8) for f in (noisy, smooth)]
frames[0].save("animated.gif", save_all=True, append_images=frames[1:])
want("animated", reread("animated.gif").convert("RGB"))

# The eight orientations of EXIF in the formats besides JPEG, stored so that the
# reader undoes it. ImageMagick writes the eXIf chunk behind the pixels.
up = np.asarray(Image.open("orientation.want.png").convert("RGB"))
upright = Image.fromarray(up)
undo = {1: None, 2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM,
        5: Image.TRANSPOSE, 6: Image.ROTATE_90, 7: Image.TRANSVERSE, 8: Image.ROTATE_270}
for tag, op in undo.items():
    im = upright.transpose(op) if op is not None else upright
    exif = Image.Exif()
    exif[0x0112] = tag
    names = [f"orientation_{tag}.{e}" for e in ("png", "tiff", "webp")]
    im.save(names[0], exif=exif, optimize=True)
    im.save(names[1], compression="tiff_lzw", tiffinfo={0x0112: tag})
    im.save(names[2], exif=exif, lossless=True)
    for name in names:
        if name.endswith("tiff"):  # Pillow 9 turns these twice, and ImageMagick 6 does not turn the others
            assert magick(name, "-auto-orient", "-depth", "8", "rgb:-") == up.tobytes(), name
        else:
            assert (np.asarray(ImageOps.exif_transpose(Image.open(name)).convert("RGB")) == up).all(), name
magick("orientation_6.jpg", "orientation_behind.png")
data = open("orientation_behind.png", "rb").read()
print("eXIf behind the pixels:", data.find(b"eXIf") > data.find(b"IDAT"), file=sys.stderr)

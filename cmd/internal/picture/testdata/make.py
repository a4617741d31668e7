"""Makes the pictures of this folder and what Pillow reads from them.

    python3 make.py        (Pillow >= 9, numpy)

NAME.want.png holds, as plain 8-bit RGB, what Load should return for NAME.*.
"""
import io

import numpy as np
from PIL import Image, ImageCms, ImageOps

rng = np.random.default_rng(7)


def save(im, name, **kw):
    im.save(name, **kw)
    return Image.open(name)


def want(im, name):
    im.convert("RGB").save(name + ".want.png", optimize=True)


# A picture with smooth parts, edges and noise, 61 x 43.
y, x = np.mgrid[0:43, 0:61]
a = np.stack([4 * x, 5 * y, 127 + 127 * np.sin(x * y / 60)], -1).astype(np.float64)
a[10:20, 15:40] = [250, 240, 20]
a[25:27] = 0
a[:, 50:] += rng.normal(0, 60, (43, 11, 3))
detail = Image.fromarray(a.clip(0, 255).astype(np.uint8))
detail.save("detail.png", optimize=True)
for size in (20, 50, 97):
    s = size / max(detail.size)
    # In mode "F": in "RGB" Pillow also clips and rounds between the two passes.
    bands = [b.convert("F").resize((round(61 * s), round(43 * s)), Image.BICUBIC) for b in detail.split()]
    resized = np.stack(bands, -1).clip(0, 255).round().astype(np.uint8)
    Image.fromarray(resized).save(f"detail_{size}.png", optimize=True)

# One picture stored in the eight orientations of EXIF: all must load upright.
up = np.zeros((16, 24, 3), np.uint8)
up[:8, :12], up[:8, 12:], up[8:, :12], up[8:, 12:] = (220, 30, 30), (30, 200, 30), (30, 30, 220), (230, 230, 230)
upright = Image.fromarray(up)
upright.save("orientation.want.png", optimize=True)
# Stored so that the reader undoes it: the inverse of what the tag asks for.
undo = {1: None, 2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM,
        5: Image.TRANSPOSE, 6: Image.ROTATE_90, 7: Image.TRANSVERSE, 8: Image.ROTATE_270}
for tag, op in undo.items():
    im = upright.transpose(op) if op is not None else upright
    exif = Image.Exif()
    exif[0x0112] = tag
    name = f"orientation_{tag}.jpg"
    im.save(name, quality=95, subsampling=0, exif=exif)
    back = np.asarray(ImageOps.exif_transpose(Image.open(name)), int)
    assert back.shape == up.shape and abs(back - up).max() < 12, tag

# Other kinds of pixels.
small = detail.resize((30, 21), Image.BICUBIC)
want(save(small.convert("L"), "grey.png"), "grey")
want(save(small.quantize(16), "palette.png"), "palette")
want(save(small.convert("1"), "bilevel.png"), "bilevel")
want(save(small, "rgb.bmp"), "rgb")
small.save("rgb.tiff", compression="tiff_lzw")
small.save("rgb.webp", lossless=True)
small.save("rgb.ppm")
want(save(small.quantize(16), "frame.gif"), "frame")

# Smooth, so that decoders' chroma upsampling and rounding hardly differ.
smooth = Image.fromarray(np.stack([8 * x, 6 * y, 255 - 4 * x], -1).clip(0, 255).astype(np.uint8)[:21, :30])
want(save(smooth, "colour.jpg", quality=95, subsampling=0), "colour")
want(save(smooth, "progressive.jpg", quality=95, subsampling=0, progressive=True), "progressive")
want(save(smooth.convert("CMYK"), "cmyk.jpg", quality=95, subsampling=0), "cmyk")

# A colour profile that is not sRGB: the primaries of red and green change places.
srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
odd = srgb.replace(b"rXYZ", b"tmp!").replace(b"gXYZ", b"rXYZ").replace(b"tmp!", b"gXYZ")
im = save(smooth, "profile.png", icc_profile=odd)
want(ImageCms.profileToProfile(im, io.BytesIO(odd), io.BytesIO(srgb), outputMode="RGB"), "profile")

#!/usr/bin/env python3
"""Makes conv.json, conv.npz, pad.npz, pool.npz and broadcast.npz in this folder: values and
gradients of PyTorch (float64, made with torch 1.13.1) and NumPy for the tests of package tensor.

Inputs are multiples of 1/16, so that half precision holds them exactly. Arrays are channels last,
as in the package: x (N,H,W,C), w (Cout,KH,KW,Cin/groups).
"""
import io
import json
import pathlib
import zipfile

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
MODES = ["zero", "reflect", "replicate"]
rng = np.random.default_rng(1)


def values(*shape):
    """Random multiples of 1/16 in about -3..3."""
    return torch.tensor(np.round(rng.standard_normal(shape) * 16) / 16)


def channels_first(x):
    return x.permute(0, 3, 1, 2)


def channels_last(x):
    return x.permute(0, 2, 3, 1)


def pad(x, padding):
    """Pads a channels-first picture by (top, bottom, left, right, mode)."""
    top, bottom, left, right, mode = padding
    if mode == "zero":
        return F.pad(x, (left, right, top, bottom))
    return F.pad(x, (left, right, top, bottom), mode=mode)


def save(name, arrays):
    """Like numpy.savez_compressed, but the same bytes every time; inputs in half precision."""
    with zipfile.ZipFile(HERE / name, "w") as z:
        for key, a in arrays.items():
            a = np.asarray(a)
            half = a.astype("<f2")
            a = half if np.array_equal(half.astype(a.dtype), a, equal_nan=True) else a.astype("<f4")
            b = io.BytesIO()
            np.save(b, a)
            z.writestr(zipfile.ZipInfo(key + ".npy"), b.getvalue(), zipfile.ZIP_DEFLATED)


def conv_case(name, x, w, stride=(1, 1), dilation=(1, 1), groups=1, padding=(0, 0, 0, 0, "zero")):
    x, w, b = values(*x).requires_grad_(), values(*w).requires_grad_(), values(w[0]).requires_grad_()
    y = channels_last(F.conv2d(pad(channels_first(x), padding), channels_first(w), b, stride, dilation=dilation, groups=groups))
    dy = values(*y.shape)
    y.backward(dy)
    arrays = {"x": x, "w": w, "b": b, "y": y, "dy": dy, "dx": x.grad, "dw": w.grad, "db": b.grad}
    top, bottom, left, right, mode = padding
    case = {
        "Name": name,
        "Conv": {
            "StrideH": stride[0], "StrideW": stride[1], "DilationH": dilation[0], "DilationW": dilation[1], "Groups": groups,
            "Padding": {"Top": top, "Bottom": bottom, "Left": left, "Right": right, "Mode": MODES.index(mode)},
        },
    }
    return case, {name + "." + k: v.detach().numpy() for k, v in arrays.items()}


def conv():
    same = {mode: (1, 1, 1, 1, mode) for mode in MODES}
    cases = [
        conv_case("plain", (1, 6, 7, 3), (4, 3, 3, 3)),
        conv_case("single-channel", (2, 5, 5, 1), (1, 3, 3, 1), padding=same["zero"]),
        conv_case("first-layer", (1, 9, 11, 3), (17, 3, 3, 3), padding=same["reflect"]),
        conv_case("sixteen", (1, 5, 6, 16), (16, 3, 3, 16), padding=same["zero"]),
        conv_case("seventeen", (2, 3, 5, 17), (5, 3, 3, 17), padding=same["replicate"]),
        conv_case("sixty-four", (1, 5, 4, 64), (9, 3, 3, 64), padding=same["reflect"]),
        conv_case("one-by-one", (2, 5, 7, 17), (9, 1, 1, 17)),
        conv_case("one-by-one-stride", (1, 7, 6, 3), (4, 1, 1, 3), stride=(2, 3)),
        conv_case("five-by-three", (2, 8, 6, 3), (4, 5, 3, 3), padding=(2, 2, 1, 1, "zero")),
        conv_case("even-filter", (1, 7, 6, 3), (4, 2, 4, 3), padding=(1, 0, 1, 2, "reflect")),
        conv_case("stride", (2, 9, 8, 3), (4, 3, 3, 3), stride=(2, 3), padding=same["zero"]),
        conv_case("stride-beyond-filter", (1, 9, 11, 2), (3, 2, 2, 2), stride=(3, 4), padding=(0, 1, 2, 0, "replicate")),
        conv_case("dilation", (1, 9, 10, 3), (4, 3, 3, 3), dilation=(2, 3), padding=(2, 2, 3, 3, "reflect")),
        conv_case("stride-and-dilation", (2, 11, 10, 3), (4, 3, 2, 3), stride=(2, 1), dilation=(1, 4), padding=(3, 1, 0, 2, "replicate")),
        conv_case("stride-divides-dilation", (1, 12, 9, 2), (3, 3, 2, 2), stride=(2, 3), dilation=(4, 3), padding=(1, 2, 3, 4, "zero")),
        conv_case("groups", (2, 6, 5, 6), (9, 3, 3, 2), groups=3, padding=same["reflect"]),
        conv_case("depthwise", (1, 6, 7, 8), (8, 3, 3, 1), groups=8, padding=same["replicate"]),
        conv_case("depthwise-multiplier", (1, 5, 5, 3), (6, 3, 3, 1), stride=(2, 2), groups=3, padding=same["zero"]),
        conv_case("everything", (2, 8, 9, 4), (6, 3, 2, 2), stride=(2, 3), dilation=(2, 1), groups=2, padding=(3, 0, 1, 4, "reflect")),
        conv_case("deep-reflection", (1, 3, 4, 2), (2, 3, 3, 2), padding=(2, 2, 3, 3, "reflect")),
        conv_case("wide-replication", (1, 2, 3, 2), (2, 3, 3, 2), padding=(5, 4, 3, 6, "replicate")),
        conv_case("wide-zeros", (1, 2, 3, 2), (2, 2, 2, 2), padding=(3, 4, 5, 3, "zero")),
        conv_case("one-pixel", (2, 1, 1, 3), (2, 3, 3, 3), padding=same["replicate"]),
        conv_case("filter-fills-input", (1, 4, 5, 3), (7, 4, 5, 3)),
    ]
    (HERE / "conv.json").write_text(json.dumps([c for c, _ in cases], indent="\t") + "\n")
    save("conv.npz", {k: v for _, arrays in cases for k, v in arrays.items()})


def pads():
    """Keys are mode_top_bottom_left_right.array."""
    out = {}
    for padding in [
        (1, 1, 1, 1, "zero"), (2, 0, 1, 3, "zero"),
        (1, 1, 1, 1, "reflect"), (2, 0, 1, 3, "reflect"), (3, 3, 4, 4, "reflect"),
        (1, 1, 1, 1, "replicate"), (2, 0, 1, 3, "replicate"), (5, 6, 7, 0, "replicate"),
    ]:
        x = values(2, 4, 5, 3).requires_grad_()
        y = channels_last(pad(channels_first(x), padding))
        dy = values(*y.shape)
        y.backward(dy)
        name = "_".join([padding[4], *map(str, padding[:4])])
        for k, v in {"x": x, "y": y, "dy": dy, "dx": x.grad}.items():
            out[name + "." + k] = v.detach().numpy()
    save("pad.npz", out)


def pools():
    """Keys are kind_KH_KW_strideH_strideW.array. Half of the inputs are small integers, full of ties."""
    out = {}
    for kind in ["max", "avg"]:
        for n, window in enumerate([(2, 2, 2, 2), (3, 3, 2, 2), (2, 3, 1, 1), (3, 2, 3, 4), (1, 1, 2, 2), (7, 5, 1, 1), (2, 2, 3, 1)]):
            x = values(2, 7, 9, 5)
            if n % 2 == 0:
                x = torch.round(x)
            if kind == "max":
                for at in [(0, 0, 0, 0), (0, 1, 1, 0), (1, 3, 4, 2), (1, 3, 5, 2)]:
                    x[at] = float("nan")
            x.requires_grad_()
            pool = F.max_pool2d if kind == "max" else F.avg_pool2d
            y = channels_last(pool(channels_first(x), window[:2], window[2:]))
            dy = values(*y.shape)
            y.backward(dy)
            name = "_".join([kind, *map(str, window)])
            for k, v in {"x": x, "y": y, "dy": dy, "dx": x.grad}.items():
                out[name + "." + k] = v.detach().numpy()
    save("pool.npz", out)


def broadcasts():
    """Keys are a number for each pair of shapes, and the array."""
    out = {}
    pairs = [
        ((2, 3, 4, 5), (5,)), ((5,), (2, 3, 4, 5)), ((2, 3, 4, 5), ()), ((), (3, 2)), ((), ()),
        ((2, 3, 4, 5), (2, 3, 4, 1)), ((2, 3, 4, 5), (3, 1, 1)), ((2, 1, 4, 1), (3, 1, 5)), ((4, 1), (1, 6)),
        ((1, 3, 1, 5), (2, 3, 4, 5)), ((2, 3, 4, 5), (1, 1, 4, 5)), ((3, 1, 1), (1, 1, 1, 1)), ((2, 0, 3), (3,)), ((0, 1), (1, 4)),
        ((2, 3), (2, 3)), ((1, 270), (2, 1)), ((260, 1), (1, 2)),
    ]
    for i, (a, b) in enumerate(pairs):
        a, b = values(*a).numpy(), values(*b).numpy()
        b = np.where(b == 0, 1, b)
        dy = values(*np.broadcast(a, b).shape).numpy()

        def sum_to(shape):
            lead = dy.ndim - len(shape)
            axes = tuple(range(lead)) + tuple(lead + j for j, n in enumerate(shape) if n == 1 and dy.shape[lead + j] != 1)
            return dy.sum(axis=axes).reshape(shape)

        arrays = {
            "a": a, "b": b, "dy": dy, "add": a + b, "sub": a - b, "mul": a * b, "div": a / b,
            "sum_to_a": sum_to(a.shape), "sum_to_b": sum_to(b.shape), "a_to": np.broadcast_to(a, dy.shape), "b_to": np.broadcast_to(b, dy.shape),
        }
        out.update({f"{i:02d}.{k}": v for k, v in arrays.items()})
    save("broadcast.npz", out)


conv()
pads()
pools()
broadcasts()

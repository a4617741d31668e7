#!/usr/bin/python3
"""Writes resize.json: pictures resampled by PyTorch in float64, for TestResize.

Needs PyTorch 1.13 or later; its bicubic kernel with antialias=True has a = -1/2.
"""
import json
import os

import torch
import torch.nn.functional as F


def wave(height, width):
    """The picture of the tests, (1,3,H,W), values beyond 0..255 included."""
    y, x, c = torch.meshgrid(torch.arange(height), torch.arange(width), torch.arange(3), indexing="ij")
    v = 127.5 + 150 * torch.sin(0.9 * (c + 1) * x.double() + 0.7 * (c + 2) * y)
    return v.permute(2, 0, 1)[None]


cases = []
for (h, w), (to_h, to_w) in [((7, 9), (10, 13)), ((13, 10), (9, 7)), ((12, 5), (3, 20)), ((1, 6), (4, 3)), ((8, 8), (1, 1))]:
    out = F.interpolate(wave(h, w), size=(to_h, to_w), mode="bicubic", align_corners=False, antialias=True)
    values = [round(v, 9) for v in out[0].permute(1, 2, 0).flatten().tolist()]
    cases.append({"from": [h, w], "to": [to_h, to_w], "values": values})
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "resize.json"), "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")

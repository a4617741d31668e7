#!/usr/bin/python3
"""Writes the .npy and .npz files of this folder with NumPy, and golden.json
with the values that each holds, as float32 in row-major order.

    /usr/bin/python3 make_golden.py
"""
import io
import json
import os
import warnings

import numpy as np

os.chdir(os.path.dirname(os.path.abspath(__file__)))
warnings.simplefilter("ignore")  # NumPy warns about versions 2 and 3
golden = {}


def save(name, a, version=(1, 0)):
    buf = io.BytesIO()
    np.lib.format.write_array(buf, a, version=version, allow_pickle=False)
    with open(name + ".npy", "wb") as f:
        f.write(buf.getvalue())
    golden[name + ".npy"] = {
        "shape": list(a.shape),
        "values": [float(v) for v in np.ascontiguousarray(a).astype(np.float32).ravel()],
    }


counting = np.arange(6).reshape(2, 3)
for kind in ["f2", "f4", "f8"]:
    a = (counting * 1.25 - 3.0625).astype(kind)
    for order, mark in [("little", "<"), ("big", ">")]:
        save(f"{kind}_{order}", a.astype(mark + kind))
        save(f"{kind}_{order}_fortran", np.asfortranarray(a.astype(mark + kind)))
for kind in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
    limits = np.iinfo(kind)
    a = np.array([[0, 1, 2], [limits.min, limits.max, 77]], dtype=kind)
    for order, mark in [("little", "<"), ("big", ">")]:
        if kind[1] != "1" or order == "little":
            save(f"{kind}_{order}", a.astype(mark + kind))
save("bool", np.array([True, False, True]))
save("version2", counting.astype("<f4"), (2, 0))
save("version3", counting.astype("<f4"), (3, 0))
save("scalar", np.array(2.5, dtype="<f4"))
save("empty", np.zeros((3, 0, 2), dtype="<f4"))
save("rank4_fortran", np.asfortranarray(np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5).astype("<i2")))

arrays = {"a": counting.astype("<f4"), "b/c": np.array([1.5, -2], dtype=">f8")}
np.savez("stored.npz", **arrays)
np.savez_compressed("deflated.npz", **arrays)

with open("golden.json", "w") as f:
    json.dump(golden, f, indent=0)

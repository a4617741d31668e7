#!/usr/bin/python3
"""Writes tiny networks in every form that Load reads, and golden.json with
their values, weights as [out, row, column, in], flattened.

    /usr/bin/python3 make_golden.py

Python 3 cannot write a dictionary as Python 2 with NumPy did, whose strings
were bytes; Python2Pickler mimics it, and the script checks that numpy.load
reads the result as the TensorFlow ports do.
"""
import hashlib
import io
import json
import os
import pickle
import struct

import numpy as np

os.chdir(os.path.dirname(os.path.abspath(__file__)))
rng = np.random.default_rng(19)


def draw(*shape):  # exact in float16, so that every form holds the same values
    return (rng.integers(-512, 512, shape) / 256).astype(np.float32)


# Some tensors exceed 255 bytes, where pickles change to another opcode.
widths = {"conv1_1": (3, 4), "conv1_2": (4, 2), "conv2_1": (2, 3)}
layers = {name: (draw(out, n, 3, 3), draw(out)) for name, (n, out) in widths.items()}

json.dump(
    {
        name: {"shape": [w.shape[0], 3, 3, w.shape[1]], "weight": w.transpose(0, 2, 3, 1).ravel().tolist(), "bias": b.tolist()}
        for name, (w, b) in layers.items()
    },
    open("golden.json", "w"),
)


# A folder, with one tensor in float16 and one in big-endian float64.
os.makedirs("folder", exist_ok=True)
manifest = {
    "network": "vgg19",
    "name": "tiny",
    "layers": list(layers),
    "padding": "reflect",
    "input": {"channels": "RGB", "scale": 1, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
    "license": "MIT",
    "source": "random numbers",
    "sha256": {},
}
for name, (w, b) in layers.items():
    for file, a in (f"{name}.weight.npy", w), (f"{name}.bias.npy", b):
        if file == "conv1_2.weight.npy":
            a = a.astype("<f2")
        if file == "conv2_1.weight.npy":
            a = np.asfortranarray(a.astype(">f8"))
        np.save("folder/" + file, a)
        manifest["sha256"][file] = hashlib.sha256(open("folder/" + file, "rb").read()).hexdigest()
json.dump(manifest, open("folder/manifest.json", "w"), indent=1)

# Weights.Hash of that folder: padding and input, then each layer's name and
# tensors as .npy files.
text = io.BytesIO(b"reflect {RGB 1 [0.485 0.456 0.406] [0.229 0.224 0.225]}\n")
text.seek(0, 2)
for name, (w, b) in layers.items():
    text.write(name.encode() + b"\n")
    np.save(text, np.ascontiguousarray(w.transpose(0, 2, 3, 1)))
    np.save(text, b)
with open("hash.txt", "w") as f:
    f.write(hashlib.sha256(text.getvalue()).hexdigest() + "\n")

np.savez("tiny.npz", **{f"{n}.{k}": a for n, pair in layers.items() for k, a in zip(["weight", "bias"], pair)})


class Python2Pickler(pickle._Pickler):
    """Writes str and bytes both as what Python 2 called a string."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_string(self, s):
        b = s.encode("latin1") if isinstance(s, str) else s
        if len(b) < 256:
            self.write(pickle.SHORT_BINSTRING + struct.pack("<B", len(b)) + b)
        else:
            self.write(pickle.BINSTRING + struct.pack("<i", len(b)) + b)
        self.memoize(s)

    dispatch[str] = dispatch[bytes] = save_string


def save(name, pickled):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|O", "fortran_order": False, "shape": ()})
    with open(name + ".npy", "wb") as f:
        f.write(header.getvalue() + pickled)
    back = np.load(name + ".npy", allow_pickle=True, encoding="latin1").item()
    for layer, (w, b) in layers.items():
        assert np.array_equal(back[layer][0], w.transpose(2, 3, 1, 0)) and np.array_equal(back[layer][1], b)


tf = {name: [np.ascontiguousarray(w.transpose(2, 3, 1, 0)), b] for name, (w, b) in layers.items()}
tf["fc6"] = [draw(8, 16), draw(16)]
array = np.array(tf, dtype=object)

buf = io.BytesIO()
Python2Pickler(buf, 2).dump(array)
save("pickle_python2", buf.getvalue())
assert b"numpy.core.multiarray" in buf.getvalue()
for protocol in 2, 3, 4, 5:
    save(f"pickle_protocol{protocol}", pickle.dumps(array, protocol))

# Arrays in Fortran order, pairs as tuples, big-endian numbers of 8 bytes.
other = {name: (np.asfortranarray(w).astype(">f8"), b) for name, (w, b) in tf.items()}
save("pickle_fortran", pickle.dumps(np.array(other, dtype=object), 3))

# What NumPy 2 writes: the same with other names of modules.
p = pickle.dumps(array, 3)
assert p.count(b"cnumpy.core.multiarray\n") == 1
with open("pickle_numpy2.npy", "wb") as f:
    f.write(open("pickle_protocol3.npy", "rb").read()[: -len(p)] + p.replace(b"cnumpy.core.", b"cnumpy._core."))

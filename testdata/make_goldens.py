#!/usr/bin/python3
"""Makes the goldens of packages nst and cmd/nst with PyTorch in float64.

    cd testdata && python3 make_goldens.py [SLIM16]

It writes a small network (weights/), the costs of some pictures (costs.json)
and their gradients (gradient-*.npy). With the folder of a slim VGG19 given, the
costs on that network are included too; without it, those of the present
costs.json stay. The formulas are written out here once more, independently of
the Go code: Gatys et al. 2015, with each Gram matrix divided by its number of
positions, or of the weights of its positions in a mask; and the other style costs.
"""
import hashlib
import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

BLOCKS = [2, 2, 4, 4, 1]  # to conv5_1
WIDTHS = [4, 5, 6, 6, 8]
NAMES = [f"conv{b + 1}_{i + 1}" for b, n in enumerate(BLOCKS) for i in range(n)]
STYLE = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]


def picture(height, width, phase):
    """A picture of whole numbers in 0..255, the same as in the Go test."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return np.floor(127.5 + 127.5 * np.sin(0.31 * (c + 1) * x + 0.17 * (c + 2) * y + phase))


def make_weights(folder):
    rng = np.random.default_rng(1)
    os.makedirs(folder, exist_ok=True)
    tensors, c = {}, 3
    for name in NAMES:
        out = WIDTHS[int(name[4]) - 1]
        tensors[name + ".weight"] = (rng.standard_normal((out, c, 3, 3)) * (2 / (9 * c)) ** 0.5).astype(np.float32)
        tensors[name + ".bias"] = (rng.standard_normal(out) * 0.1).astype(np.float32)
        c = out
    sums = {}
    for key, value in tensors.items():
        path = os.path.join(folder, key + ".npy")
        np.save(path, value)
        sums[key + ".npy"] = hashlib.sha256(open(path, "rb").read()).hexdigest()
    manifest = {
        "network": "vgg19", "name": "a small test network", "padding": "zero",
        "input": {"channels": "RGB", "scale": 1, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
        "layers": NAMES, "license": "MIT", "source": "random numbers", "sha256": sums,
    }
    with open(os.path.join(folder, "manifest.json"), "w") as f:
        json.dump(manifest, f, indent=1)
        f.write("\n")


class Network:
    def __init__(self, folder, padding, pooling):
        self.manifest = json.load(open(os.path.join(folder, "manifest.json")))
        self.mode = {"zero": "constant", "reflect": "reflect", "replicate": "replicate"}[padding or self.manifest["padding"]]
        self.pool = F.max_pool2d if pooling == "max" else F.avg_pool2d
        load = lambda key: torch.from_numpy(np.load(os.path.join(folder, key + ".npy")).astype(np.float64))
        self.params = {n: (load(n + ".weight"), load(n + ".bias")) for n in self.manifest["layers"]}

    def features(self, rgb):
        """rgb: (1,3,H,W) in 0..255; returns all layers up to conv5_1, and the picture as rgb."""
        i = self.manifest["input"]
        x = rgb[:, [2, 1, 0]] if i["channels"] == "BGR" else rgb
        vector = lambda k: torch.tensor(i[k], dtype=torch.float64).view(1, 3, 1, 1)
        x = (x / 255 * i["scale"] - vector("mean")) / vector("std")
        out = {"rgb": rgb}
        for name in NAMES:
            w, b = self.params[name]
            x = torch.relu(F.conv2d(F.pad(x, (1, 1, 1, 1), mode=self.mode), w, b))
            out[name] = x
            if name in ("conv1_2", "conv2_2", "conv3_4", "conv4_4"):
                x = self.pool(x, 2)
        return out


def to_torch(p):
    return torch.from_numpy(p.transpose(2, 0, 1)[None].copy())


def gram(a):
    a = a.flatten(2)[0]
    return a @ a.t() / a.shape[1]


def mask_picture(height, width, kind):
    """A mask (H,W), the same as in the Go test; None for everywhere."""
    y, x = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
    if kind == "left":  # soft, from 1 at the left to 0 at the right
        return torch.from_numpy(np.float32(1 - x / (width - 1))).double()
    if kind == "top":
        return torch.from_numpy((y < height // 2).astype(np.float64))
    return None


def weights_of(mask, a):
    """The weight of each position of a (1,C,H,W) in the region of a mask."""
    if mask is None:
        return torch.full((a.shape[2] * a.shape[3],), 1 / (a.shape[2] * a.shape[3]), dtype=torch.float64)
    m = mask[None, None]
    while m.shape[2] > a.shape[2] or m.shape[3] > a.shape[3]:
        m = F.avg_pool2d(m, 2)
    m = m.flatten() ** 2
    return m / m.sum()


def statistics(a, mask):
    """Mean, raw second moment."""
    w, a = weights_of(mask, a), a.flatten(2)[0]
    return (a * w).sum(1), (a * w) @ a.t()


def blend(parts):
    """Moments of a mixture."""
    total = sum(w for w, _ in parts)
    return sum(w / total * s[0] for w, s in parts), sum(w / total * s[1] for w, s in parts)


def root(m):
    values, vectors = torch.linalg.eigh(m)
    return (vectors * values.clamp(min=0).sqrt()) @ vectors.t()


def style_cost(kind, got, want):
    n = got[0].shape[0]
    if kind == "gram":
        return ((got[1] - want[1]) ** 2).sum() / (4 * n * n)
    means = ((got[0] - want[0]) ** 2).sum()
    cov = lambda s: s[1] - torch.outer(s[0], s[0])
    if kind == "mean-std":
        std = lambda s: (cov(s).diagonal() + 1e-5).sqrt()
        return (means + ((std(got) - std(want)) ** 2).sum()) / n
    ridge = 1e-4 * cov(want).trace() / n * torch.eye(n, dtype=torch.float64)
    a, b = cov(got) + ridge, cov(want) + ridge
    r = root(b)
    cross = torch.linalg.eigvalsh(r @ a @ r).clamp(min=0).sqrt().sum()
    return (means + a.trace() + b.trace() - 2 * cross) / n


LEVELS = 1024


def project(a, mask):
    """Projections on the vectors of the discrete cosine transform, (C,P), or, of colours, on
    the axes and diagonals of the cube, (7,P); weights of positions."""
    n = a.shape[1]
    k = torch.arange(n, dtype=torch.float64)
    d = (2 / n) ** 0.5 * torch.cos(np.pi * k[:, None] * (k + 0.5) / n)
    d[0] = (1 / n) ** 0.5
    if n == 3:
        diagonals = torch.tensor([[1, 1, 1], [1, 1, -1], [1, -1, 1], [-1, 1, 1]], dtype=torch.float64)
        d = torch.cat([torch.eye(3, dtype=torch.float64), diagonals / 3 ** 0.5])
    w = weights_of(mask, a).sqrt()  # the mask itself
    return d @ a.flatten(2)[0], w / w.sum()


def mean_of_parts(values, weights, ends):
    """Means of the sorted values over the parts of their weight that end there."""
    sums = np.concatenate([[0], np.cumsum(values * weights)])
    at = np.interp(ends, np.concatenate([[0], np.cumsum(weights)]), sums)
    return np.diff(at, prepend=0) / np.diff(ends, prepend=0)


def quantiles(values, weights):
    """The quantile functions (C,LEVELS): the mean over each part of the weight."""
    rows = []
    for row in values.detach().numpy():
        order = np.argsort(row)
        rows.append(mean_of_parts(row[order], weights.numpy()[order], np.arange(1, LEVELS + 1) / LEVELS))
    return torch.from_numpy(np.stack(rows))


def sliced(projections, weights, target):
    squared = 0
    for row, levels in zip(projections, target.numpy()):
        # What differs by 2^-18 of the range is equal. The layers are 0 at many positions.
        order = row.detach().numpy().argsort()
        values = row.detach().numpy()[order]
        group, first = np.zeros(len(row), int), values[0]
        for i, v in enumerate(values):
            number = group[order[i - 1]] if i else 0
            if v - first > 2.0 ** -18 * (values[-1] - values[0]):
                number, first = number + 1, v
            group[order[i]] = number
        w = np.bincount(group, weights.numpy())
        used = w > 0
        to = np.zeros(len(w))
        to[used] = mean_of_parts(levels, np.full(LEVELS, 1 / LEVELS), np.cumsum(w[used]))
        squared = squared + (weights * (row - torch.from_numpy(to[group])) ** 2).sum() / len(target)
        squared = squared + ((levels ** 2).mean() - (w[used] * to[used] ** 2).sum()) / len(target)
    variance = (1.01 * target.pow(2).mean(1) - target.mean(1) ** 2).mean()
    return (squared / variance + 1e-6).sqrt()


def similarity(a):
    while max(a.shape[2:]) > 40:
        a = F.avg_pool2d(a, 2)
    u = a.flatten(2)[0].t()
    u = u / (u.pow(2).sum(1, keepdim=True) + 1e-4).sqrt()
    d = 1 - u @ u.t()
    return d / (d.mean(0) + 1e-4)


def half(mask):
    return None if mask is None else F.avg_pool2d(mask[None, None], 2)[0, 0]


def regions(case):
    """Lists of the styles of each region, its mask and its share."""
    found = []
    for s in case["styles"]:
        if s.get("content_mask") or not any(r["mask"] is None for r in found):
            found.append(dict(styles=[s], mask=mask_picture(*case["size"], s.get("content_mask"))))
        else:
            next(r for r in found if r["mask"] is None)["styles"].append(s)
    rest = next((r for r in found if r["mask"] is None), None)
    if rest and len(found) > 1:
        rest["mask"] = (1 - sum(r["mask"] for r in found if r["mask"] is not None)).clamp(min=0)
    for r in found:
        area = 1 if r["mask"] is None else r["mask"].mean().item()
        r["share"] = area * sum(s["weight"] for s in r["styles"])
    total = sum(r["share"] for r in found)
    union = torch.ones(case["size"]) if any(r["mask"] is None for r in found) else sum(r["mask"] for r in found).clamp(max=1)
    for r in found:
        r["share"] *= union.mean().item() / total
    return found


class Pull(torch.autograd.Function):
    """Normalises the gradient that flows back."""
    @staticmethod
    def forward(ctx, x, strength):
        ctx.strength = strength
        return x.clone()

    @staticmethod
    def backward(ctx, dy):
        return dy * (ctx.strength / dy.abs().sum()), None


def evaluate(case, folder):
    net = Network(folder, case.get("padding"), case["pooling"])
    content, image = (to_torch(picture(*case["size"], phase)) for phase in (0.0, 2.0))
    fc = net.features(content)
    x = image.requires_grad_()
    fx = net.features(x)
    seen = lambda k, strength: Pull.apply(fx[k], strength) if case.get("normalize_gradients") else fx[k]
    divisor = lambda a: ((a - a.mean()) ** 2).sum() if case.get("relative_content") else 4 * a.numel()
    j_content = sum(v * ((seen(k, case["alpha"] * v) - fc[k]) ** 2).sum() / divisor(fc[k])
                    for k, v in case["content_layers"].items())
    if case.get("self_similarity"):
        j_content = j_content + case["self_similarity"] * sum(
            v * ((similarity(fx[k]) - similarity(fc[k])) ** 2).mean() for k, v in case["content_layers"].items())
    lam = sum(case["style_layers"].values())
    j_style = {k: 0 for k in case["style_layers"]}
    pulled = {k: seen(k, case["beta"] * v / lam) for k, v in case["style_layers"].items()}
    case["regions"] = []
    for r in regions(case) if case.get("style_cost") == "sliced" else []:
        small, mask = x, r["mask"]
        pictures = [(to_torch(picture(*s["size"], s["phase"])), mask_picture(*s["size"], s.get("style_mask"))) for s in r["styles"]]
        share = [s["weight"] / sum(s["weight"] for s in r["styles"]) for s in r["styles"]]
        value = 0
        for _ in range(case["style_sizes"]):
            f = net.features(small)
            for k in j_style:
                target = sum(w * quantiles(*project(net.features(p)[k], m)) for w, (p, m) in zip(share, pictures))
                cost = sliced(*project(f[k], mask), target) / case["style_sizes"]
                j_style[k] = j_style[k] + r["share"] * cost
                value += case["style_layers"][k] / lam * cost.item()
            small, mask = F.avg_pool2d(small, 2), half(mask)
            pictures = [(F.avg_pool2d(p, 2), half(m)) for p, m in pictures]
        case["regions"].append(value)
    for r in regions(case) if case.get("style_cost") != "sliced" else []:
        parts = []
        for s in r["styles"]:
            f = net.features(to_torch(picture(*s["size"], s["phase"])))
            mask = mask_picture(*s["size"], s.get("style_mask"))
            parts.append((s["weight"], {k: statistics(f[k], mask) for k in j_style}))
        costs = {k: style_cost(case.get("style_cost", "gram"), statistics(pulled[k], r["mask"]),
                               blend([(w, f[k]) for w, f in parts])) for k in j_style}
        case["regions"].append(sum(v / lam * costs[k].item() for k, v in case["style_layers"].items()))
        for k in j_style:
            j_style[k] = j_style[k] + r["share"] * costs[k]
    down = ((x[:, :, 1:] - x[:, :, :-1]) ** 2).sum(1)
    across = ((x[:, :, :, 1:] - x[:, :, :, :-1]) ** 2).sum(1)
    pad = torch.nn.functional.pad
    squares = pad(down, (0, 0, 0, 1)) + pad(down, (0, 0, 1, 0)) + pad(across, (0, 1)) + pad(across, (1, 0))
    tv = ((1 + squares / 2).sqrt() - 1).mean()
    total = case["alpha"] * j_content + case["beta"] * sum(v / lam * j_style[k] for k, v in case["style_layers"].items()) + case["tv"] * tv
    grad, = torch.autograd.grad(total, x)
    case.update(total=total.item(), content=j_content.item(), style={k: v.item() for k, v in j_style.items()},
                tv_value=tv.item(), gradient_norm=grad.norm().item())
    return grad[0].numpy().transpose(1, 2, 0).astype(np.float32)


def styles(size):
    return [dict(size=size, phase=1.0, weight=1)]


def main():
    make_weights("weights")
    even = {k: 1 for k in STYLE}
    base = dict(network="small", size=[40, 56], styles=styles([40, 56]), padding="zero", pooling="max", alpha=10, beta=40, tv=0,
                content_layers={"conv4_2": 1}, style_layers=even)
    cases = [
        dict(base, name="defaults"),
        dict(base, name="reflect", padding="reflect", pooling="avg", size=[37, 51], styles=styles([49, 33]), beta=1e4),
        dict(base, name="replicate", padding="replicate", size=[33, 47], styles=styles([64, 32]), tv=0.3,
             content_layers={"conv2_2": 1, "conv4_2": 1}, style_layers={"conv1_1": 3, "conv3_4": 1, "conv4_2": 0.5}),
        dict(base, name="regions", styles=[
            dict(size=[48, 40], phase=1.0, weight=2, content_mask="top"),
            dict(size=[33, 47], phase=3.0, weight=1, style_mask="left"),
            dict(size=[40, 56], phase=4.0, weight=3)]),
        dict(base, name="mean-std", style_cost="mean-std", content_layers={"conv3_1": 0.5, "conv4_2": 2}, styles=[
            dict(size=[48, 40], phase=1.0, weight=1, content_mask="left", style_mask="top"),
            dict(size=[33, 47], phase=3.0, weight=1), dict(size=[40, 56], phase=4.0, weight=3)]),
        dict(base, name="wasserstein", style_cost="wasserstein", styles=[
            dict(size=[48, 40], phase=1.0, weight=1, content_mask="left"),
            dict(size=[33, 47], phase=3.0, weight=2, style_mask="left"), dict(size=[40, 56], phase=4.0, weight=3)]),
        dict(base, name="sliced", style_cost="sliced", style_sizes=2, relative_content=True, self_similarity=2, alpha=1, beta=15,
             size=[96, 112], content_layers={"conv3_1": 0.5, "conv4_2": 1},
             style_layers={"rgb": 3, "conv1_1": 3, "conv2_1": 3, "conv3_1": 2, "conv4_1": 1.5, "conv5_1": 1}, styles=[
            dict(size=[72, 70], phase=1.0, weight=1, content_mask="left", style_mask="left"),
            dict(size=[81, 77], phase=3.0, weight=2, style_mask="top"), dict(size=[64, 100], phase=4.0, weight=3)]),
        dict(base, name="colours", style_cost="wasserstein", style_layers={"rgb": 2, "conv2_1": 1}, content_layers={"rgb": 0.5, "conv4_2": 1}),
        dict(base, name="normalised", normalize_gradients=True, content_layers={"conv1_1": 0.5, "conv4_2": 2}, tv=0.3,
             style_layers={"conv1_1": 3, "conv3_4": 1, "conv4_2": 0.5}),
    ]
    for case in cases:
        np.save(f"gradient-{case['name']}.npy", evaluate(case, "weights"))
    old = json.load(open("costs.json")) if os.path.exists("costs.json") else []
    slim = [c for c in old if c["network"] == "slim16"]
    if len(sys.argv) > 1:
        slim = []
        for pooling in ("max", "avg"):
            for beta in (40, 1e4):
                case = dict(base, name=f"slim16-{pooling}-{beta:g}", network="slim16", pooling=pooling, beta=beta,
                            size=[163, 217], styles=styles([163, 217]))
                del case["padding"]
                evaluate(case, sys.argv[1])
                slim.append(case)
    with open("costs.json", "w") as f:
        json.dump(cases + slim, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main()

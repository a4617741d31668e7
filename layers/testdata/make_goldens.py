#!/usr/bin/env python3
"""Makes training.npz and modes.npz in this folder: small classifiers trained by PyTorch (float64,
made with torch 1.13.1) for some steps, the first by Adam, the second, with batch normalisation and
dropout, by SGD with momentum, for the tests of package layers.

Arrays are as in the package: pictures (N,H,W,C), filters (Cout,KH,KW,Cin/groups), matrices (In,Out).
"""
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
STEPS = 12
rng = np.random.default_rng(1)


def values(*shape):
    """Random multiples of 1/64, exact in float32."""
    return torch.tensor(np.round(rng.standard_normal(shape) * 16) / 64)


def training():
    x = values(6, 9, 8, 2) * 4
    labels = [0, 1, 2, 2, 1, 0]
    parameters = {
        "conv1.weight": values(6, 3, 3, 2), "conv1.bias": values(6),
        "conv2.weight": values(8, 3, 2, 3), "conv2.bias": values(8),
        "classify.weight": values(16, 3), "classify.bias": values(3),
    }
    out = {"x": x.numpy().copy(), "labels": np.array(labels)}
    out.update({"before." + k: v.numpy().copy() for k, v in parameters.items()})
    for v in parameters.values():
        v.requires_grad_()
    adam = torch.optim.Adam(parameters.values(), lr=0.01)
    losses = []
    for step in range(STEPS):
        p = parameters
        y = x.permute(0, 3, 1, 2)
        y = F.pad(y, (1, 1, 1, 1), mode="reflect")
        y = F.relu(F.conv2d(y, p["conv1.weight"].permute(0, 3, 1, 2), p["conv1.bias"]))
        y = F.max_pool2d(y, 2)
        y = F.relu(F.conv2d(y, p["conv2.weight"].permute(0, 3, 1, 2), p["conv2.bias"], groups=2))
        y = F.avg_pool2d(y, (2, 1), (2, 2))
        y = y.permute(0, 2, 3, 1).flatten(1)
        loss = F.cross_entropy(y @ p["classify.weight"] + p["classify.bias"], torch.tensor(labels))
        adam.zero_grad()
        loss.backward()
        if step == 0:
            out.update({"gradient." + k: v.grad.numpy().copy() for k, v in parameters.items()})
        adam.step()
        losses.append(loss.item())
    out["losses"] = np.array(losses)
    out.update({"after." + k: v.detach().numpy() for k, v in parameters.items()})
    np.savez(HERE / "training.npz", **{k: v.astype("<f4") for k, v in out.items()})
    print(losses)


def dropout_mask(shape, p, seed):
    """The mask of tensor.DropoutMask: the low and the high halves of SplitMix64, in turn."""
    n = int(np.prod(shape))
    z = np.uint64(seed) + np.arange(1, n // 2 + 2, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    halves = np.stack([z & np.uint64(0xFFFFFFFF), z >> np.uint64(32)], 1).reshape(-1)[:n]
    return torch.tensor(halves / 2.0**32 >= p).reshape(shape)


def modes():
    x = values(STEPS, 6, 8, 7, 2) * 4 + 1
    labels = [0, 1, 2, 2, 1, 0]
    parameters = {
        "conv1.weight": values(6, 3, 3, 2),
        "norm1.gamma": 1 + values(6), "norm1.beta": values(6),
        "conv2.weight": values(8, 3, 2, 6),
        "norm2.gamma": 1 + values(8), "norm2.beta": values(8),
        "hidden.weight": values(32, 10),
        "norm3.gamma": 1 + values(10), "norm3.beta": values(10),
        "classify.weight": values(10, 3), "classify.bias": values(3),
    }
    buffers = {}
    for name, channels in ("norm1", 6), ("norm2", 8), ("norm3", 10):
        buffers[name + ".running_mean"] = torch.zeros(channels, dtype=torch.float64)
        buffers[name + ".running_variance"] = torch.ones(channels, dtype=torch.float64)
    out = {"x": x.numpy().copy(), "labels": np.array(labels)}
    out.update({"before." + k: v.numpy().copy() for k, v in (parameters | buffers).items()})
    for v in parameters.values():
        v.requires_grad_()
    p = parameters

    def norm(y, name, training):
        return F.batch_norm(
            y, buffers[name + ".running_mean"], buffers[name + ".running_variance"],
            p[name + ".gamma"], p[name + ".beta"], training=training, momentum=0.1, eps=1e-5)

    def drop(y, probability, seed):
        """Drops by a mask in our layout, channels last; a seed of None is eval mode."""
        if seed is None:
            return y
        return y * dropout_mask(y.shape, probability, seed) / (1 - probability)

    def forward(x, seed):
        training = seed is not None
        y = F.conv2d(x.permute(0, 3, 1, 2), p["conv1.weight"].permute(0, 3, 1, 2), padding=1)
        y = F.max_pool2d(F.relu(norm(y, "norm1", training)), 2)
        y = y.permute(0, 2, 3, 1)
        y = drop(y, 0.25, seed).permute(0, 3, 1, 2)
        y = F.relu(norm(F.conv2d(y, p["conv2.weight"].permute(0, 3, 1, 2)), "norm2", training))
        y = y.permute(0, 2, 3, 1).flatten(1)
        y = F.relu(norm(y @ p["hidden.weight"], "norm3", training))
        y = drop(y, 0.5, seed and seed + 1)
        return y @ p["classify.weight"] + p["classify.bias"]

    sgd = torch.optim.SGD(parameters.values(), lr=0.02, momentum=0.9)
    losses = []
    for step in range(STEPS):
        loss = F.cross_entropy(forward(x[step], 2 * step + 1), torch.tensor(labels))
        sgd.zero_grad()
        loss.backward()
        if step == 0:
            out.update({"gradient." + k: v.grad.numpy().copy() for k, v in parameters.items()})
            out.update({"first." + k: v.numpy().copy() for k, v in buffers.items()})
        sgd.step()
        losses.append(loss.item())
    out["losses"] = np.array(losses)
    out.update({"after." + k: v.detach().numpy().copy() for k, v in (parameters | buffers).items()})
    out["scores"] = forward(x.flatten(0, 1), None).detach().numpy()
    np.savez(HERE / "modes.npz", **{k: v.astype("<f4") for k, v in out.items()})
    print(losses)


training()
modes()

#!/usr/bin/env python3
"""Makes training.npz in this folder: a small classifier trained by PyTorch (float64, made with
torch 1.13.1) for some steps of Adam, for the tests of package layers.

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


def main():
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


main()

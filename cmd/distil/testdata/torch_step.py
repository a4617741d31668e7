#!/usr/bin/python3
"""The steps of cmd/distil in PyTorch: goldens for its test, and a peer for its speed.

  torch_step.py goldens                     writes step.npz beside this file
  torch_step.py bench --teacher DIR [--threads 2] [--steps 10] [--batch 8] [--crop 96]

bench trains a student of the teacher's widths, block by block, teacher included,
and prints the median seconds of a step.
"""
import argparse, json, os, statistics, time
import numpy as np
import torch
import torch.nn.functional as F

BLOCKS = [2, 2, 4, 4, 4]
NAMES = [f"conv{b + 1}_{i + 1}" for b, n in enumerate(BLOCKS) for i in range(n)]
ENDS = {f"conv{b + 1}_{n}" for b, n in enumerate(BLOCKS)}
SUPERVISED = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv4_2", "conv5_1"]


class Net:
    """Convolutions by name, in PyTorch's layout, with reflecting padding."""

    def __init__(self, params, mean, std):
        self.params, self.names = params, list(params)
        self.mean, self.std = (torch.tensor(v).view(1, 3, 1, 1) for v in (mean, std))
        self.supervised = [n for n in self.names if n in SUPERVISED or n == self.names[-1]]

    def conv(self, x, name):
        w, b = self.params[name]
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), w, b)

    def block(self, x, i):
        """Applies the layers after supervised layer i-1 up to layer i, without its ReLU."""
        lo = self.names.index(self.supervised[i - 1]) + 1 if i else 0
        for name in self.names[lo:self.names.index(self.supervised[i])]:
            x = F.relu(self.conv(x, name))
            if name in ENDS:
                x = F.max_pool2d(x, 2)
        return self.conv(x, self.supervised[i])

    def normalise(self, rgb):
        return (rgb - self.mean) / self.std

    def features(self, rgb):
        x, features = self.normalise(rgb), []
        for i in range(len(self.supervised)):
            x = F.relu(self.block(x, i))
            features.append(x)
        return features


def losses(student, targets, rgb, joint):
    x, terms = student.normalise(rgb), []
    for i, t in enumerate(targets):
        y = student.block(x, i)
        residual = torch.where(t == 0, F.relu(y), y - t)
        terms.append((residual ** 2).sum() / (t ** 2).sum())
        x = F.relu(y) if joint else t
    return terms


def step(student, teacher, scales, rgb, joint, optimizer, clip=1.0):
    with torch.no_grad():
        targets = [t / s for t, s in zip(teacher.features(rgb), scales)]
    optimizer.zero_grad()
    terms = losses(student, targets, rgb, joint)
    sum(terms).backward()
    params = [p for pair in student.params.values() for p in pair]
    norm = torch.nn.utils.clip_grad_norm_(params, clip)
    optimizer.step()
    return [t.item() for t in terms], norm.item()


def he(widths, generator, dtype, scale=1.0, bias=0.0):
    params, c = {}, 3
    for name, width in zip(NAMES, widths):
        w = torch.randn(width, c, 3, 3, generator=generator, dtype=dtype) * (2 / (9 * c)) ** 0.5 * scale
        b = torch.randn(width, generator=generator, dtype=dtype) * bias
        params[name] = (w, b)
        c = width
    return params


def goldens():
    """Four steps in float64, two apart and two jointly, of a student with wider hidden layers."""
    torch.set_default_dtype(torch.float64)
    g = torch.Generator().manual_seed(1)
    teacher_widths = [4, 4, 5, 5, 6, 6, 6, 6, 7, 8]
    student_widths = [4, 6, 5, 7, 6, 9, 8, 8, 7, 8]
    round32 = lambda params: {k: tuple(t.float().double() for t in pair) for k, pair in params.items()}
    mean, std = [100.0, 110.0, 120.0], [64.0, 64.0, 64.0]
    teacher = Net(round32(he(teacher_widths, g, torch.float64, bias=0.1)), mean, std)
    student = Net(round32(he(student_widths, g, torch.float64, bias=0.1)), mean, std)
    rgb = (torch.rand(3, 3, 33, 32, generator=g) * 255).float().double()
    scales = torch.tensor([0.5, 1.25, 1.0, 0.75, 2.0])
    out = {"batch": rgb.permute(0, 2, 3, 1).numpy(), "scales": scales.numpy()}
    store = lambda prefix, net: out.update({f"{prefix}.{k}.{part}": (t.permute(0, 2, 3, 1) if part == "weight" else t).detach().numpy().copy()
                                            for k, pair in net.params.items() for part, t in zip(("weight", "bias"), pair)})
    store("teacher", teacher)
    store("before", student)
    params = [p.requires_grad_() for pair in student.params.values() for p in pair]
    optimizer = torch.optim.Adam(params, lr=1e-2)
    for i, joint in enumerate([False, False, True, True]):
        terms, norm = step(student, teacher, scales, rgb, joint, optimizer)
        out[f"losses.{i}"] = np.array(terms)
        print(terms, norm)
    store("after", student)
    np.savez_compressed(os.path.join(os.path.dirname(__file__), "step.npz"), **{k: v.astype(np.float32) for k, v in out.items()})


def bench(a):
    torch.set_num_threads(a.threads)
    m = json.load(open(os.path.join(a.teacher, "manifest.json")))
    load = lambda n: tuple(torch.from_numpy(np.load(os.path.join(a.teacher, f"{n}.{k}.npy")).astype(np.float32)) for k in ("weight", "bias"))
    teacher = Net({n: load(n) for n in m["layers"]}, m["input"]["mean"], m["input"]["std"])
    g = torch.Generator().manual_seed(1)
    student = Net(he([teacher.params[n][1].numel() for n in m["layers"]], g, torch.float32), m["input"]["mean"], [64.0] * 3)
    if a.channels_last:
        for net in (teacher, student):
            net.params = {k: (w.contiguous(memory_format=torch.channels_last), b) for k, (w, b) in net.params.items()}
    for pair in student.params.values():
        for p in pair:
            p.requires_grad_()
    optimizer = torch.optim.Adam([p for pair in student.params.values() for p in pair], lr=1e-3)
    rgb = torch.rand(a.batch, 3, a.crop, a.crop, generator=g) * 255
    if a.channels_last:
        rgb = rgb.contiguous(memory_format=torch.channels_last)
    scales = [f.pow(2).mean().sqrt().item() for f in teacher.features(rgb)]
    seconds = []
    for _ in range(a.steps + 1):
        start = time.perf_counter()
        step(student, teacher, scales, rgb, a.joint, optimizer)
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"peer": "torch " + torch.__version__, "batch": a.batch, "crop": a.crop, "threads": a.threads,
                      "channels_last": a.channels_last, "joint": a.joint, "seconds_median": round(statistics.median(seconds[1:]), 4)}))


def main():
    p = argparse.ArgumentParser()
    sub = p.add_subparsers(dest="cmd", required=True)
    sub.add_parser("goldens")
    q = sub.add_parser("bench")
    q.add_argument("--teacher", required=True)
    for name, default in (("threads", 2), ("steps", 10), ("batch", 8), ("crop", 96)):
        q.add_argument("--" + name, type=int, default=default)
    q.add_argument("--channels-last", action="store_true")
    q.add_argument("--joint", action="store_true")
    a = p.parse_args()
    goldens() if a.cmd == "goldens" else bench(a)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""Writes torch.json, next to this script: what PyTorch's optimisers do.

lbfgs: the lowest value that torch.optim.LBFGS, with the settings style transfer
runs it with, has seen after so many evaluations of each function from each of
six starts. As on the Go side, in torch_test.go, variables and gradients are float32 and the functions are
computed in float64.
adam, adamw, sgd: where a parameter of three and one of two elements are after so
many steps along gradients that depend on the step only.
adam_cosine: the same with a norm of all gradients that is clipped, and rates that
rise and then fall; rates are those of the steps.

Needs python3-torch (made with 1.13.1); run it without arguments.
"""
import json, os
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
STARTS = 6
COUNTS = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 75, 100, 150, 200]


def index(n):
    return torch.arange(n, dtype=torch.float64)


def quartic(start, n=2000):
    """Stiffness from 1 to 1e4, neighbours coupled, and a quartic term."""
    k = 10 ** (4 * index(n) / (n - 1))

    def f(x):
        z = x + torch.roll(x, -1) / 2 - 1
        return (k * z**2 / 2 + z**4 / 4).sum()

    return f, 10 * torch.sin(index(n) + start)


def rosenbrock(start, n=100):
    """The chained function of Rosenbrock."""
    x0 = torch.ones(n)
    x0[::2] = -1.2
    x0 += 0.3 * torch.sin(start * index(n))
    return lambda x: (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum(), x0


def gram(start, rows=300, cols=20):
    """A style cost and a content cost on one layer: X'X is to become S'S, X to stay near C."""
    wave = lambda a, b: 100 + 100 * torch.sin(a * index(rows * cols) + b * index(rows * cols) ** 2).view(rows, cols)
    s, c = wave(0.7, 0.01), wave(1.1, 0.003)
    target = s.t() @ s

    def f(x):
        x = x.view(rows, cols)
        return ((x.t() @ x - target) ** 2).sum() / (4 * (rows * cols) ** 2) + ((x - c) ** 2).sum() / (40 * rows * cols)

    return f, c.flatten() + 50 * torch.sin(start * index(rows * cols))


def lbfgs(f, x0, history):
    x = x0.float().requires_grad_()
    values = []

    def closure():
        opt.zero_grad()
        v = f(x.double())
        v.backward()
        values.append(v.item())
        return v

    opt = torch.optim.LBFGS([x], lr=1, max_iter=1000, max_eval=COUNTS[-1], history_size=history,
                            tolerance_grad=0, tolerance_change=0, line_search_fn="strong_wolfe")
    opt.step(closure)
    return [float("%.6g" % min(values[:n])) for n in COUNTS]


def cosine(opt, warmup, count, final):
    """The scheduler of a linear warm-up and half a cosine down to final."""
    rise = torch.optim.lr_scheduler.LinearLR(opt, start_factor=1 / warmup, total_iters=warmup - 1)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=count - warmup, eta_min=final)
    return torch.optim.lr_scheduler.SequentialLR(opt, [rise, fall], milestones=[warmup])


def steps(make, clip=None, schedule=None, rates=None):
    a, b = torch.tensor([1.0, -2, 0.5], requires_grad=True), torch.tensor([0.25, 4], requires_grad=True)
    opt = make([a, b])
    scheduler = schedule(opt) if schedule else None
    out = []
    for step in range(1, 101):
        a.grad = torch.sin(step * torch.tensor([1.0, 2, 3])) * torch.tensor([1e-3, 1, 1e3])
        b.grad = torch.cos(step / torch.tensor([5.0, 7])) * torch.tensor([1e-3, 10])
        if clip:
            torch.nn.utils.clip_grad_norm_([a, b], clip)
        opt.step()
        if scheduler:
            rates.append(opt.param_groups[0]["lr"])
            scheduler.step()
        if step in (1, 2, 10, 100):
            out.append(torch.cat([a, b]).tolist())
    return out


RATES = []
golden = {
    "counts": COUNTS,
    "lbfgs": {fn.__name__: {str(m): [lbfgs(*fn(s), m) for s in range(STARTS)] for m in (10, 100)} for fn in (quartic, rosenbrock, gram)},
    "adam": steps(lambda p: torch.optim.Adam(p)),
    "adam_set": steps(lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.8, 0.95), eps=1e-3)),
    "adamw": steps(lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.5)),
    "adam_cosine": steps(lambda p: torch.optim.Adam(p, lr=0.05), clip=100, schedule=lambda o: cosine(o, 10, 100, 0.002), rates=RATES),
    "rates": RATES,
    "sgd": steps(lambda p: torch.optim.SGD(p, lr=0.01)),
    "sgd_momentum": steps(lambda p: torch.optim.SGD(p, lr=0.002, momentum=0.9)),
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "torch.json"), "w") as out:
    json.dump(golden, out)
    out.write("\n")

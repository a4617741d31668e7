"""Writes goldens.npz: values and gradients of every operation, by PyTorch.

Run it as `python3 make_goldens.py` beside the file it writes; it needs torch
and numpy (made with torch 1.13). For each case the archive holds

    CASE/in0, CASE/in1 ...      the inputs, float32
    CASE/out                    the value
    CASE/grad0, CASE/grad1 ...  the gradients of the inputs

that follow from the gradient dy[k] = (7k mod 11 - 5.5) / 4 of the value's
element k, computed in float64 and rounded to float32 at the end. Everything is in the
layout of package tensor, channels last: a case permutes to PyTorch's layout
and back by itself, so that autograd returns gradients in ours too.

goldens_test.go holds the same cases, by the same names, in Go.
"""

import numpy as np
import torch
import torch.nn.functional as F

goldens = {}


def case(name, f, *inputs):
    """Records f(inputs) and its gradients under name."""
    inputs = [np.asarray(x, np.float32) for x in inputs]
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    out = f(*leaves)
    dy = (7 * torch.arange(out.numel(), dtype=torch.float64) % 11 - 5.5) / 4
    grads = torch.autograd.grad(out, leaves, dy.reshape(out.shape))
    goldens[name + "/out"] = out.detach().numpy().astype(np.float32)
    for i, (x, g) in enumerate(zip(inputs, grads)):
        goldens[f"{name}/in{i}"] = x
        goldens[f"{name}/grad{i}"] = g.numpy().astype(np.float32)


rng = np.random.default_rng(1)


def normal(*shape):
    return rng.standard_normal(shape)


def positive(*shape):
    return rng.uniform(0.5, 2, shape)


def away_from_zero(*shape):
    x = normal(*shape)
    return x + 0.4 * np.sign(x)


def levels(n, h, w, c):
    """Values that differ by much within any window of 4x4, for max pooling."""
    x = np.empty((n, h, w, c))
    for b in range(n):
        for k in range(c):
            level = rng.permutation(16).reshape(4, 4) / 8 - 1
            x[b, :, :, k] = np.tile(level, (h // 4 + 1, w // 4 + 1))[:h, :w]
    return x + rng.uniform(-0.01, 0.01, x.shape)


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


# Arithmetic, in all sorts of shapes that combine.
arithmetic = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
}
shapes = [
    ((2, 3, 4), (2, 3, 4)),
    ((2, 3, 4), (4,)),
    ((3, 1), (2, 1, 4)),
    ((3, 1), (1, 5)),
    ((), (2, 3)),
    ((2, 5, 3), (2, 1, 3)),
    ((2, 3, 2, 2), (3, 1, 1)),
    ((1,), (1, 1, 1)),
    ((), ()),
]
for name, f in arithmetic.items():
    for i, (a, b) in enumerate(shapes):
        case(f"{name}/{i}", f, normal(*a), away_from_zero(*b) if name == "div" else normal(*b))

x = normal(3, 5)
case("add_self", lambda a: a + a, x)
case("sub_self", lambda a: a - a, x)
case("mul_self", lambda a: a * a, x)
case("div_shared", lambda a: a / (a * a + 1), x)
case("scale", lambda a: a * -2.5, x)
case("neg", lambda a: -a, x)
case("add_scalar", lambda a: a + 0.75, x)

case("exp", torch.exp, normal(4, 5))
case("log", torch.log, positive(4, 5))
case("sqrt", torch.sqrt, positive(4, 5))
case("tanh", torch.tanh, normal(4, 5))
case("tanh_large", torch.tanh, [-1000, -20, -5, -1e-4, 0, 1e-4, 5, 20, 1000])
case("sigmoid", torch.sigmoid, normal(4, 5))
case("sigmoid_large", torch.sigmoid, [-1000, -80, -20, -1e-4, 0, 1e-4, 20, 80, 1000])
case("pow_3", lambda a: a ** 3, normal(4, 5))
case("pow_half", lambda a: a ** 0.5, positive(4, 5))
case("pow_negative", lambda a: a ** -1.5, positive(4, 5))
case("pow_0", lambda a: a ** 0, [-1, 0, 2])
case("pow_1", lambda a: a ** 1, [-1, 0, 2])
case("pow_2_at_0", lambda a: a ** 2, [-1, 0, 2])
case("relu", F.relu, away_from_zero(4, 5))
case("relu_at_0", F.relu, [-1, 0, -0.0, 1])

# Matrices and shapes.
case("matmul", torch.matmul, normal(5, 7), normal(7, 3))
case("matmul_1x1", torch.matmul, normal(1, 1), normal(1, 1))
case("matmul_wide", torch.matmul, normal(7, 33), normal(33, 18))
case("matmul_self", lambda a: a @ a, normal(6, 6))
case("reshape", lambda a: a.reshape(4, 6), normal(2, 3, 4))
case("reshape_scalar", lambda a: a.reshape(()), normal(1, 1))
case("transpose/0", lambda a: a.permute(1, 0), normal(3, 5))
case("transpose/1", lambda a: a.permute(2, 0, 1), normal(2, 3, 4))
case("transpose/2", lambda a: a.permute(0, 3, 1, 2), normal(2, 3, 2, 4))
case("transpose/3", lambda a: a.permute(0, 1), normal(2, 3))
case("concat/0", lambda *a: torch.cat(a, 0), normal(2, 3), normal(1, 3), normal(3, 3))
case("concat/1", lambda *a: torch.cat(a, 1), normal(2, 1, 3), normal(2, 2, 3))
case("concat/2", lambda *a: torch.cat(a, -1), normal(2, 2, 3), normal(2, 2, 1), normal(2, 2, 2))
case("concat_self", lambda a, b: torch.cat((a, b, a), 1), normal(2, 3), normal(2, 1))

# Reductions.
case("sum", torch.sum, normal(3, 4))
case("sum_scalar", torch.sum, normal())
case("sum_axes/0", lambda a: a.sum(0, keepdim=True), normal(3, 4, 2))
case("sum_axes/1", lambda a: a.sum((1, 2), keepdim=True), normal(2, 3, 4, 2))
case("sum_axes/2", lambda a: a.sum(-1, keepdim=True), normal(3, 4, 2))
case("sum_axes/3", lambda a: a.sum((0, 2), keepdim=True), normal(3, 4, 2))
case("mean", torch.mean, normal(3, 4))
case("mean_axes/0", lambda a: a.mean((1, 2), keepdim=True), normal(2, 3, 4, 2))
case("mean_axes/1", lambda a: a.mean((0, 1, 2), keepdim=True), normal(3, 4, 2))
case("squared_distance", lambda a, b: ((a - b) ** 2).sum(), normal(2, 3, 4), normal(2, 3, 4))

# Classifiers.
labels = torch.tensor([2, 0, 5, 5])
case("softmax", lambda a: torch.softmax(a, -1), normal(2, 3, 5))
case("softmax_large", lambda a: torch.softmax(a, -1), [[1000, 1001, -1000], [-3e4, 3e4, 3e4], [88, 89, 90]])
case("log_softmax", lambda a: torch.log_softmax(a, -1), normal(2, 3, 5))
case("log_softmax_large", lambda a: torch.log_softmax(a, -1), [[1000, 1001, -1000], [-3e4, 3e4, 3e4], [88, 89, 90]])
case("cross_entropy", lambda a: F.cross_entropy(a, labels), normal(4, 6))
case("cross_entropy_large", lambda a: F.cross_entropy(a, labels), 1000 * normal(4, 6))

# Pictures.
sides = {"none": (0, 0, 0, 0), "all": (1, 1, 1, 1), "uneven": (2, 1, 0, 3)}  # top, bottom, left, right
modes = {"zero": "constant", "reflect": "reflect", "replicate": "replicate"}


def pad(x, top, bottom, left, right, mode):
    return F.pad(x, (left, right, top, bottom), mode=modes[mode])


for side, s in sides.items():
    for mode in modes:
        case(f"pad/{side}/{mode}", lambda a: nhwc(pad(nchw(a), *s, mode)), normal(2, 4, 5, 3))

pools = {"2x2": ((2, 2), (2, 2)), "3x3/2": ((3, 3), (2, 2)), "3x2/1x2": ((3, 2), (1, 2)), "1x1/2": ((1, 1), (2, 2))}
for name, (window, stride) in pools.items():
    case(f"max_pool/{name}", lambda a: nhwc(F.max_pool2d(nchw(a), window, stride)), levels(2, 5, 7, 3))
    case(f"avg_pool/{name}", lambda a: nhwc(F.avg_pool2d(nchw(a), window, stride)), levels(2, 5, 7, 3))
ties = rng.integers(0, 2, (2, 5, 7, 3))
case("max_pool_ties/2x2", lambda a: nhwc(F.max_pool2d(nchw(a), 2)), ties)
case("max_pool_ties/3x3/2", lambda a: nhwc(F.max_pool2d(nchw(a), 3, 2)), ties)


def gram(a):
    m = a.reshape(-1, a.shape[-1])
    return m.T @ m / m.shape[0]


case("gram", gram, normal(1, 4, 5, 6))
case("normalize", lambda a: (a - torch.tensor([0.5, -1, 2.0])) / torch.tensor([0.25, 4, 1.0]), normal(1, 4, 5, 3))


def total_variation(a):
    down = (a[:, 1:] - a[:, :-1]).square().sum(-1)
    across = (a[:, :, 1:] - a[:, :, :-1]).square().sum(-1)
    squares = F.pad(down, (0, 0, 0, 1)) + F.pad(down, (0, 0, 1, 0)) + F.pad(across, (0, 1)) + F.pad(across, (1, 0))
    return ((1 + squares / 2).sqrt() - 1).sum()


case("total_variation/0", total_variation, normal(1, 5, 4, 3))
case("total_variation/1", total_variation, normal(2, 33, 2, 1))
case("total_variation/2", total_variation, normal(1, 1, 6, 2))
case("total_variation/3", total_variation, normal(1, 6, 1, 2))
case("bound_penalty", lambda a: (F.relu(a - 0.75).square() + F.relu(-0.5 - a).square()).sum(), normal(2, 5, 4, 3))


# Convolutions: x, w and, except where it says so, a bias.
def conv(stride=(1, 1), dilation=(1, 1), groups=1, side="none", mode="zero", relu=False):
    def f(x, w, b=None):
        y = nhwc(F.conv2d(pad(nchw(x), *sides[side], mode), nchw(w), b, stride, 0, dilation, groups))
        return F.relu(y) if relu else y

    return f


case("conv/1x1", conv(), normal(2, 5, 4, 3), normal(5, 1, 1, 3), normal(5))
case("conv/3x3", conv(), normal(2, 5, 4, 3), normal(4, 3, 3, 3), normal(4))
case("conv/5x5", conv(), normal(1, 7, 6, 2), normal(3, 5, 5, 2), normal(3))
case("conv/3x2", conv(), normal(2, 5, 4, 3), normal(4, 3, 2, 3), normal(4))
case("conv/no_bias", conv(side="all"), normal(2, 5, 4, 3), normal(4, 3, 3, 3))
case("conv/whole", conv(), normal(2, 3, 4, 2), normal(3, 3, 4, 2), normal(3))
case("conv/wide", conv(side="all"), normal(1, 3, 4, 17), normal(18, 3, 2, 17), normal(18))
for side in ("all", "uneven"):
    for mode in modes:
        case(f"conv/{side}/{mode}", conv(side=side, mode=mode), normal(2, 5, 4, 3), normal(4, 3, 3, 3), normal(4))
        case(
            f"conv/{side}/{mode}/stride",
            conv((2, 3), side=side, mode=mode),
            normal(2, 7, 6, 2), normal(3, 3, 3, 2), normal(3),
        )
case("conv/stride_leaves_rest", conv((2, 2)), normal(1, 6, 8, 2), normal(3, 3, 3, 2), normal(3))
case("conv/stride_larger_than_filter", conv((3, 2)), normal(2, 7, 6, 2), normal(3, 1, 1, 2), normal(3))
case("conv/dilation", conv(dilation=(2, 3), side="uneven"), normal(2, 6, 7, 2), normal(3, 3, 3, 2), normal(3))
case(
    "conv/dilation_stride_reflect",
    conv((2, 1), (2, 1), side="uneven", mode="reflect"),
    normal(2, 6, 7, 2), normal(3, 3, 3, 2), normal(3),
)
case("conv/groups", conv(groups=2, side="all"), normal(2, 5, 4, 6), normal(4, 3, 3, 3), normal(4))
case("conv/groups_replicate", conv(groups=3, side="all", mode="replicate"), normal(1, 5, 4, 6), normal(9, 3, 3, 2), normal(9))
case("conv/depthwise", conv(groups=5, side="all"), normal(2, 5, 4, 5), normal(5, 3, 3, 1), normal(5))
case("conv/depthwise_twofold", conv((2, 2), groups=3, side="all"), normal(2, 5, 4, 3), normal(6, 3, 3, 1), normal(6))
case("conv_relu/mixed", conv(side="all", relu=True), normal(2, 5, 4, 3), normal(4, 3, 3, 3), normal(4))
case("conv_relu/no_bias", conv(side="all", relu=True), normal(2, 5, 4, 3), normal(4, 3, 3, 3))
# Channels that are positive everywhere, or negative everywhere: no kink is near.
case("conv_relu/apart", conv(side="all", relu=True), normal(2, 5, 4, 3), 0.1 * normal(4, 3, 3, 3), [6, -6, 6, -6])



def conv_max_pool(x, w, b):
    y = F.relu(F.conv2d(pad(nchw(x), *sides["all"], "zero"), nchw(w), b))
    return nhwc(F.max_pool2d(y, 2))


case("conv_relu_max_pool/mixed", conv_max_pool, normal(2, 5, 7, 3), normal(4, 3, 3, 3), normal(4))
# Large enough for Winograd's method.
case("conv_relu_max_pool/winograd", conv_max_pool, normal(1, 15, 14, 8), normal(8, 3, 3, 8), normal(8))
case("conv_relu/winograd", conv(side="all", relu=True), normal(1, 14, 15, 8), normal(16, 3, 3, 8), normal(16))
case("conv/winograd", conv(side="all", mode="reflect"), normal(1, 14, 15, 8), normal(8, 3, 3, 8), normal(8))

# Training.
case("mean_squared_error", F.mse_loss, normal(2, 3, 4), normal(2, 3, 4))


def batch_norm(x, gamma, beta):
    """Over all but the last dimension, which PyTorch has as the second."""
    return F.batch_norm(x.movedim(-1, 1), None, None, gamma, beta, training=True, eps=1e-5).movedim(1, -1)


case("batch_norm/pictures", batch_norm, normal(3, 4, 5, 6) + [0, 1, 2, -3, 0, 1], normal(6), normal(6))
case("batch_norm/scales", batch_norm, normal(3, 4, 5, 3) * [10, 0.1, 1] + [10, 0, 300], normal(3), normal(3))
case("batch_norm/rows", batch_norm, normal(7, 5), normal(5), normal(5))
case("batch_norm/two_values", batch_norm, normal(2, 3), normal(3), normal(3))
# Epsilon is all there is; where gamma is zero, x gets no gradient.
case("batch_norm/constant", batch_norm, np.ones((3, 2, 2, 2)) * [3, 0], [2, 0], [1, -1])


def dropout_mask(shape, p, seed):
    """The mask of tensor.DropoutMask: the low and the high halves of SplitMix64, in turn."""
    n = int(np.prod(shape))
    z = np.uint64(seed) + np.arange(1, n // 2 + 2, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    halves = np.stack([z & np.uint64(0xFFFFFFFF), z >> np.uint64(32)], 1).reshape(-1)[:n]
    return (halves / 2.0**32 >= p).reshape(shape)


def dropout(p, seed):
    return lambda x: x * torch.tensor(dropout_mask(x.shape, p, seed)) / (1 - p)


case("dropout/half", dropout(0.5, 12345), normal(3, 5, 7, 2))
case("dropout/tenth", dropout(0.1, 2**63 + 99), normal(4, 9))
case("dropout/none", dropout(0, 1), normal(4, 9))


# Statistics of regions, with a mask whose value at position p is (7p mod 5) / 4.
def guided(a, masked):
    """The unrolling of a (1,H,W,C), and the weight of each position."""
    a = a.flatten(0, 2)
    m = (7 * torch.arange(a.shape[0]) % 5) / 4 if masked else torch.ones(a.shape[0])
    return a, (m.double() ** 2 / (m.double() ** 2).sum())[:, None]


def guided_gram(a):
    a, w = guided(a, True)
    return a.t() @ (w * a)


def mean(masked):
    def f(x):
        a, w = guided(x, masked)
        return (w * a).sum(0)
    return f


def variance(masked):
    return lambda x: covariance(masked)(x).diagonal()


def covariance(masked):
    def f(x):
        a, w = guided(x, masked)
        a = a - (w * a).sum(0)
        return a.t() @ (w * a)
    return f


def root_of_other(n):
    """A symmetric matrix with positive eigenvalues: 1/(1+|i-j|)."""
    i = torch.arange(n)
    return (1 / (1 + (i[:, None] - i).abs()).float()).double()


def bures_distance(x):
    """Of the covariance of x, by the eigenvalues."""
    s, r = covariance(False)(x), root_of_other(x.shape[-1])
    return s.trace() + (r @ r).trace() - 2 * torch.linalg.eigvalsh(r @ s @ r).sqrt().sum()


class NormalizedGradient(torch.autograd.Function):
    @staticmethod
    def forward(_, x):
        return x.clone()

    @staticmethod
    def backward(_, dy):
        return 3 * dy / dy.abs().sum()


def project(x, d):
    return d @ x.flatten(0, 2).t()


def quantile_distance(masked):
    """To quantiles that are (k + 1) j / 4 at level j of 8, by sorting."""
    def f(x):
        k, n = x.shape
        _, w = guided(torch.zeros(1, 1, n, 1), masked)
        w = w[:, 0].sqrt() / w[:, 0].sqrt().sum()  # the mask itself
        quantiles = (torch.arange(k)[:, None] + 1) * torch.arange(8) / 4.0
        sums = torch.cat([torch.zeros(k, 1), quantiles.cumsum(1)], 1).double() / 8

        def integral(row, u):
            j = (u * 8).long().clamp(max=7)
            return sums[row][j] + (u - j / 8) * quantiles[row][j]

        y = 0
        for row in range(k):
            order = x[row].argsort()
            order = order[w[order] > 0]
            ends = w[order].cumsum(0)
            to = (integral(row, ends) - integral(row, ends - w[order])) / w[order]
            y = y + (w[order] * (x[row][order] - to) ** 2).sum() + quantiles[row].pow(2).mean() - (w[order] * to ** 2).sum()
        return y / k
    return f


def self_similarity(x):
    u = x.flatten(0, 2)
    u = u / (u.pow(2).sum(1, keepdim=True) + 1e-4).sqrt()
    d = 1 - u @ u.t()
    return d / (d.mean(0) + 1e-4)


def apart(k, n):
    """Rows of values that differ by a tenth or more."""
    return np.stack([rng.permutation(n) / 10 + rng.uniform(0, 0.02, n) for _ in range(k)])


case("guided_gram", guided_gram, normal(1, 4, 5, 6))
for masked, name in (False, "everywhere"), (True, "region"):
    case(f"moments/mean/{name}", mean(masked), normal(1, 4, 5, 6))
    case(f"moments/variance/{name}", variance(masked), normal(1, 4, 5, 6))
    case(f"covariance/{name}", covariance(masked), normal(1, 4, 5, 6) + 2)
case("bures_distance", bures_distance, normal(1, 6, 7, 5))
case("normalize_gradient", NormalizedGradient.apply, normal(3, 4))

directions = ((5 * torch.arange(12) % 7).reshape(3, 4).double() - 3) / 4
case("project", lambda x: project(x, directions), normal(1, 3, 5, 4))
for masked, name in (False, "everywhere"), (True, "region"):
    case(f"quantile_distance/{name}", quantile_distance(masked), apart(3, 20))
case("self_similarity", self_similarity, normal(1, 3, 4, 5))
case("root_of_scalar", lambda x: ((x - 1).pow(2).sum() + 0.25).sqrt(), normal(3, 4))

np.savez_compressed("goldens.npz", **goldens)
print(len({k.rsplit("/", 1)[0] for k in goldens}), "cases")

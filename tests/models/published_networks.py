"""DAN and DDAMFN in NumPy, by the modules and names of their published code.

Arrays are channels first, as in PyTorch. Written from
https://github.com/yaoing/DAN (networks/dan.py), torchvision's ResNet-18, and
https://github.com/SainingZhang/DDAMFN (DDAM.py, MixedFeatureNet.py).
"""

import numpy as np
import scipy.special

MEAN = np.array([0.485, 0.456, 0.406])[:, None, None]
STD = np.array([0.229, 0.224, 0.225])[:, None, None]

# Of MixedFeatureNet: name, in, out, expanded, kernels, channels of each,
# stride, repetitions (a Mix_Residual is a list, `model`).
MIXED = (
    (2, 64, 64, 128, (3, 5, 7), (64, 32, 32), 2, None),
    (3, 64, 64, 128, (3, 5), (96, 32), 1, 9),
    (4, 64, 128, 256, (3, 5, 7), (128, 64, 64), 2, None),
    (5, 128, 128, 256, (3, 5), (192, 64), 1, 16),
    (6, 128, 256, 1024, (3, 5, 7, 9), (256,) * 4, 2, None),
    (7, 256, 256, 512, (3, 5, 7), (172, 170, 170), 1, 6),
)


class Weights(dict):
    """Random arrays of the shapes that modules ask for, by their names."""

    def __init__(self):
        super().__init__()
        self.draws = np.random.default_rng(0)

    def conv(self, name, before, after, kernel, groups=1, bias=False):
        shape = after, before // groups, *kernel
        fan = np.prod(shape[1:])
        # More than keeps the variance: attention takes most of it again.
        self[f"{name}.weight"] = self.draws.normal(0, 1.35 * fan**-0.5, shape)
        if bias:
            self[f"{name}.bias"] = self.draws.normal(0, 0.1, after)

    def norm(self, name, channels):
        self[f"{name}.weight"] = self.draws.uniform(0.6, 1.2, channels)
        self[f"{name}.bias"] = self.draws.normal(0, 0.1, channels)
        self[f"{name}.running_mean"] = self.draws.normal(0, 0.1, channels)
        self[f"{name}.running_var"] = self.draws.uniform(0.7, 1.3, channels)
        self[f"{name}.num_batches_tracked"] = np.array(7)

    def linear(self, name, before, after):
        self[f"{name}.weight"] = self.draws.normal(
            0, before**-0.5, (after, before)
        )
        self[f"{name}.bias"] = self.draws.normal(0, 0.1, after)

    def prelu(self, name, channels):
        self[f"{name}.weight"] = self.draws.uniform(0.1, 0.4, channels)


def conv(w, name, x, stride=1, padding=(0, 0), groups=1):
    kernel = w[f"{name}.weight"]
    (top, left), (rows, columns) = padding, kernel.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (top, top), (left, left)))
    parts = np.lib.stride_tricks.sliding_window_view(
        x, (rows, columns), axis=(2, 3)
    )[:, :, ::stride, ::stride]
    if groups == 1:
        out = np.einsum("bchwij,ocij->bohw", parts, kernel, optimize=True)
    else:
        out = np.einsum("bchwij,cij->bchw", parts, kernel[:, 0])
    if f"{name}.bias" in w:
        out = out + w[f"{name}.bias"][:, None, None]
    return out


def norm(w, name, x):
    scale, offset, mean, variance = (
        w[f"{name}.{part}"].reshape(-1, *[1] * (x.ndim - 2))
        for part in ("weight", "bias", "running_mean", "running_var")
    )
    return scale * (x - mean) / np.sqrt(variance + 1e-5) + offset


def linear(w, name, x):
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def prelu(w, name, x):
    slope = w[f"{name}.weight"][:, None, None]
    return np.where(x > 0, x, slope * x)


def relu(x):
    return np.maximum(x, 0)


def sigmoid(x):
    return scipy.special.expit(x)


def normalized(pixels):
    """`(B, H, W, 3)`, 0 to 255, as torchvision's transforms bring them."""
    return (pixels.transpose(0, 3, 1, 2) / 255 - MEAN) / STD


def dan_weights(classes=7, heads=4):
    w = Weights()
    w.conv("features.0", 3, 64, (7, 7))
    w.norm("features.1", 64)
    before = 64
    for stage, after in enumerate((64, 128, 256, 512)):
        for block in range(2):
            name = f"features.{4 + stage}.{block}"
            w.conv(f"{name}.conv1", before, after, (3, 3))
            w.norm(f"{name}.bn1", after)
            w.conv(f"{name}.conv2", after, after, (3, 3))
            w.norm(f"{name}.bn2", after)
            if before != after:
                w.conv(f"{name}.downsample.0", before, after, (1, 1))
                w.norm(f"{name}.downsample.1", after)
            before = after
    for number in range(heads):
        sa, ca = f"cat_head{number}.sa", f"cat_head{number}.ca.attention"
        for part, sizes, kernel in (
            ("conv1x1", (512, 256), (1, 1)),
            ("conv_3x3", (256, 512), (3, 3)),
            ("conv_1x3", (256, 512), (1, 3)),
            ("conv_3x1", (256, 512), (3, 1)),
        ):
            w.conv(f"{sa}.{part}.0", *sizes, kernel, bias=True)
            w.norm(f"{sa}.{part}.1", sizes[1])
        w.linear(f"{ca}.0", 512, 32)
        w.norm(f"{ca}.1", 32)
        w.linear(f"{ca}.3", 32, 512)
    w.linear("fc", 512, classes)
    w.norm("bn", classes)
    return w


def dan(w, pixels, heads=4):
    """Logits, and the heads after the log-softmax."""
    x = conv(w, "features.0", normalized(pixels), 2, (3, 3))
    x = relu(norm(w, "features.1", x))
    x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    parts = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
    x = parts[:, :, ::2, ::2].max(axis=(4, 5))
    for stage in range(4):
        for block in range(2):
            name = f"features.{4 + stage}.{block}"
            stride = 2 if stage and not block else 1
            y = conv(w, f"{name}.conv1", x, stride, (1, 1))
            y = relu(norm(w, f"{name}.bn1", y))
            y = norm(w, f"{name}.bn2", conv(w, f"{name}.conv2", y, 1, (1, 1)))
            if f"{name}.downsample.0.weight" in w:
                x = conv(w, f"{name}.downsample.0", x, stride)
                x = norm(w, f"{name}.downsample.1", x)
            x = relu(x + y)
    outputs = []
    for number in range(heads):
        sa, ca = f"cat_head{number}.sa", f"cat_head{number}.ca.attention"

        def part(name, y, padding=(0, 0), sa=sa):
            y = conv(w, f"{sa}.{name}.0", y, 1, padding)
            return norm(w, f"{sa}.{name}.1", y)

        y = part("conv1x1", x)
        y = (
            part("conv_3x3", y, (1, 1))
            + part("conv_1x3", y, (0, 1))
            + part("conv_3x1", y, (1, 0))
        )
        attended = x * relu(y).sum(axis=1, keepdims=True)
        pooled = attended.mean(axis=(2, 3))
        y = relu(norm(w, f"{ca}.1", linear(w, f"{ca}.0", pooled)))
        outputs.append(pooled * sigmoid(linear(w, f"{ca}.3", y)))
    stacked = np.stack(outputs, axis=1)
    shifted = stacked - stacked.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return norm(w, "bn", linear(w, "fc", logs.sum(axis=1))), logs


def ddamfn_weights(classes=7, heads=2, side=7):
    w = Weights()

    def block(name, before, after, kernel, groups=1, activation=True):
        w.conv(f"{name}.conv", before, after, kernel, groups)
        w.norm(f"{name}.bn", after)
        if activation:
            w.prelu(f"{name}.prelu", after)

    def attention(name, channels):
        middle = max(8, channels // 32)
        w.conv(f"{name}.conv1", channels, middle, (1, 1), bias=True)
        w.norm(f"{name}.bn1", middle)
        for k in (2, 3):
            w.conv(f"{name}.conv{k}", middle, channels, (1, 1), bias=True)

    block("features.0", 3, 64, (3, 3))
    block("features.1", 64, 64, (3, 3), 64)
    for number, before, after, middle, sizes, parts, _, count in MIXED:
        for k in range(count or 1):
            name = f"features.{number}" + (f".model.{k}" if count else "")
            block(f"{name}.conv", before, middle, (1, 1))
            for part, (size, channels) in enumerate(
                zip(sizes, parts, strict=True)
            ):
                w.conv(
                    f"{name}.conv_dw.mixed_depthwise_conv.{part}",
                    channels,
                    channels,
                    (size, size),
                    channels,
                )
            # Built and never called.
            w.norm(f"{name}.conv_dw.bn", middle)
            w.prelu(f"{name}.conv_dw.prelu", middle)
            attention(f"{name}.CA", middle)
            block(f"{name}.project", middle, after, (1, 1), activation=False)
    block("features.8", 256, 512, (1, 1))
    for number in range(heads):
        name = f"cat_head{number}.CoordAtt"
        block(f"{name}.Linear_h", 512, 512, (1, side), 512, False)
        block(f"{name}.Linear_w", 512, 512, (side, 1), 512, False)
        attention(name, 512)
        block(f"{name}.Linear", 512, 512, (side, side), 512, False)
    block("Linear", 512, 512, (side, side), 512, False)
    w.linear("fc", 512, classes)
    w.norm("bn", classes)
    return w


def ddamfn(w, pixels, heads=2):
    """Logits, and what each head weighs."""

    def block(name, x, stride=1, padding=(0, 0), groups=1):
        x = conv(w, f"{name}.conv", x, stride, padding, groups)
        x = norm(w, f"{name}.bn", x)
        if f"{name}.prelu.weight" in w:
            x = prelu(w, f"{name}.prelu", x)
        return x

    def weigh(name, rows, columns):
        height = rows.shape[2]
        y = np.concatenate([rows, columns.transpose(0, 1, 3, 2)], axis=2)
        y = norm(w, f"{name}.bn1", conv(w, f"{name}.conv1", y))
        y = y * np.clip(y + 3, 0, 6) / 6
        rows, columns = y[:, :, :height], y[:, :, height:].transpose(0, 1, 3, 2)
        return sigmoid(conv(w, f"{name}.conv3", columns)) * sigmoid(
            conv(w, f"{name}.conv2", rows)
        )

    x = block("features.0", normalized(pixels), 2, (1, 1))
    x = block("features.1", x, 1, (1, 1), 64)
    for number, _, _, _, sizes, parts, stride, count in MIXED:
        for k in range(count or 1):
            name = f"features.{number}" + (f".model.{k}" if count else "")
            y = block(f"{name}.conv", x)
            ends = np.cumsum(parts)[:-1]
            y = np.concatenate(
                [
                    conv(
                        w,
                        f"{name}.conv_dw.mixed_depthwise_conv.{part}",
                        channels,
                        stride,
                        (size // 2, size // 2),
                        channels.shape[1],
                    )
                    for part, (size, channels) in enumerate(
                        zip(sizes, np.split(y, ends, axis=1), strict=True)
                    )
                ],
                axis=1,
            )
            y = y * weigh(
                f"{name}.CA",
                y.mean(axis=3, keepdims=True),
                y.mean(axis=2, keepdims=True),
            )
            y = block(f"{name}.project", y)
            x = x + y if count else y
    x = block("features.8", x)
    weights = []
    for number in range(heads):
        name = f"cat_head{number}.CoordAtt"
        rows = block(f"{name}.Linear_h", x, groups=512)
        columns = block(f"{name}.Linear_w", x, groups=512)
        weights.append(weigh(name, rows, columns))
    y = x * np.max(weights, axis=0)
    y = block("Linear", y, groups=512).reshape(len(x), -1)
    return linear(w, "fc", y), np.stack(weights, axis=1)

import matplotlib.colors
import pytest

from keras_fer import visualization


@pytest.mark.parametrize("splits", [("train",), ("train", "val", "test")])
def test_bars(splits):
    counts = {split: (30 + n, 20 + n) for n, split in enumerate(splits)}
    ax = visualization.plot_class_counts(counts, ("anger", "other"), "Title")
    assert ax.get_title() == "Title"
    heights = [[bar.get_height() for bar in bars] for bars in ax.containers]
    assert heights == [list(values) for values in counts.values()]
    color = matplotlib.colors.to_hex(ax.containers[0][0].get_facecolor())
    assert color == visualization.EXPRESSION_COLORS["anger"].lower()
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[0] == "train, 50 images" and len(labels) == len(splits)
    ticks = [tick.get_text() for tick in ax.get_xticklabels()]
    assert ticks == ["anger", "other"]
    lefts = sorted(bar.get_x() for bars in ax.containers for bar in bars)
    width = ax.containers[0][0].get_width()
    assert all(
        b - a > 0.99 * width for a, b in zip(lefts, lefts[1:], strict=False)
    )

"""What several networks say of one face."""

import numpy as np

from keras_fer.visualization.colors import EXPRESSION_COLORS


def plot_answers(image, answers, axes=None):
    """Draw a picture and, beside it, each network's probabilities.

    Args:
        image: uint8 RGB `(height, width, 3)`.
        answers: for each network, by name, a dict from expression to
            probability. All name the same expressions.
        axes: two matplotlib axes; by default a new figure is made.

    Returns:
        The two axes.

    Example:

    >>> import numpy as np
    >>> from keras_fer import visualization
    >>> answers = {"a": {"fear": 0.2, "anger": 0.8}}
    >>> image = np.zeros((48, 48, 3), "uint8")
    >>> visualization.plot_answers(image, answers)[1].get_xlabel()
    'probability'
    """
    if axes is None:
        import matplotlib.pyplot as plt

        _, axes = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
    left, right = axes
    left.imshow(image)
    left.set(title="The picture", xlabel="pixels", ylabel="pixels")
    names = list(next(iter(answers.values())))
    places = np.arange(len(names))
    height = 0.8 / len(answers)
    for number, shares in enumerate(answers.values()):
        right.barh(
            places + (number - (len(answers) - 1) / 2) * height,
            [shares[name] for name in names],
            height,
            color=[EXPRESSION_COLORS.get(name, "black") for name in names],
            alpha=1 if number == len(answers) - 1 else 0.45,
        )
    right.set_yticks(places, names)
    right.invert_yaxis()
    right.set(
        xlim=(0, 1),
        xlabel="probability",
        ylabel="expression",
        title="Upper bar: " + ", next: ".join(answers),
    )
    right.grid(axis="x", alpha=0.3)
    return axes

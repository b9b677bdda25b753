"""EMMA: compound expressions from basic ones, by angles.

"EMMA: EMotion Mixing Algorithm for compound expression recognition using
angle-based metric learning": sections 3.1 and 3.2.
"""

from collections.abc import Mapping
from collections.abc import Sequence

import keras
import numpy as np

from keras_fer import layers
from keras_fer.models.heads import check_heads
from keras_fer.models.heads import with_heads

_HEADS = ("logits", "similarity", "cosines", "embedding")


def EMMA(
    backbone: keras.Model,
    num_classes: int = 6,
    *,
    layer: str | None = "embedding",
    negative_slope: float = 0.1,
    dropout_rate: float = 0.2,
    heads: tuple[str, ...] = ("logits",),
    name: str = "emma",
) -> keras.Model:
    """Put a vector for each basic expression behind a feature extractor.

    The similarity to an expression is the batch normalized cosine of the
    features to its vector. Logits are the leaky ReLU of similarities times the
    length of the features: under softmax cross entropy this is the constrained
    angle loss, with slope 1 the modified softmax:

        backbone = models.DAN()  # `load_published_weights` fills it
        model = models.EMMA(backbone, 6)
        model.compile(
            # DAN's features are more than 125 long, and so are the gradients.
            keras.optimizers.SGD(1e-3, momentum=0.9, global_clipnorm=1.0),
            losses.ConstrainedAngleLoss(),
        )

    Args:
        backbone: network of images with one input; its weights are shared. DAN,
            DDAMFN and ResNet18 have a layer `"embedding"`. Networks of
            `keras.applications` without top, with `pooling="avg"`, end in the
            features (`layer=None`); EfficientNet normalizes pixels itself,
            ResNet50 must get them through `preprocess_input`. Where its
            `trainable` is `False`, the vectors alone are learned, as in the
            paper's section 5.
        num_classes: number of basic expressions, at least 2.
        layer: layer of the features; `None` takes the output of the backbone.
        negative_slope: of negative similarities, 0 to 1.
        dropout_rate: share of features dropped. What is left is longer, and its
            cosines are smaller than those of inference, so the batch
            normalization favors some expressions there; 0 does not.
        heads: any of `"logits"`, `"similarity"`, `"cosines"` (each `(batch,
            num_classes)`, float32) and `"embedding"` (the features).
        name: name of the model.

    Returns:
        A `keras.Model` from what the backbone takes to the tensor of the one
        head, or to a dict by head. `compose` makes of it one that names
        compounds.

    Raises:
        ValueError: an argument is out of its range, or there is no such layer
            of vectors.

    Example:

    >>> from keras_fer import models
    >>> backbone = models.DAFCNN((48, 48, 1), width=0.125)
    >>> models.EMMA(backbone, heads=("logits", "similarity")).output.keys()
    dict_keys(['logits', 'similarity'])

    Reference:
        - EMMA, equations 1 to 4. What it leaves open: the rate of dropout; that
          the length is that of the dropped features; that cosines are
          normalized as equation 5 has it, without the length of equation 4;
          and the momentum of their averages, which is such that rare
          expressions are measured on many batches.
    """
    if len(backbone.inputs) != 1 or (not layer and len(backbone.outputs) > 1):
        raise ValueError(
            "`backbone` must have one input, and with `layer=None` one output. "
            f"Received: {len(backbone.inputs)} and {len(backbone.outputs)}"
        )
    features = (
        backbone.get_layer(layer).output if layer else backbone.outputs[0]
    )
    if len(features.shape) != 2:
        raise ValueError(
            f"expected a layer of vectors. Received: {layer}, which gives "
            f"{tuple(features.shape)}"
        )
    check_heads(num_classes, heads, _HEADS)
    (images,) = backbone.inputs
    inputs = keras.Input(images.shape[1:], dtype=images.dtype, name="images")
    body = keras.Model(images, features, name="backbone")
    embedding = keras.layers.Identity(dtype="float32", name="embedding")(
        body(inputs)
    )
    x = keras.layers.Dropout(dropout_rate, dtype="float32", name="dropout")(
        embedding
    )
    cosines = layers.EmotionVectors(num_classes, name="cosines")(x)
    similarity = keras.layers.BatchNormalization(
        momentum=0.99, epsilon=1e-5, dtype="float32", name="similarity"
    )(cosines)
    outputs = {
        "embedding": embedding,
        "cosines": cosines,
        "similarity": similarity,
    }
    if "logits" in heads:
        outputs["logits"] = layers.ConstrainedAngles(
            negative_slope, name="logits"
        )([x, similarity])
    return with_heads(inputs, outputs, heads, name)


def compose(
    network: keras.Model,
    compounds: Mapping[str, Mapping[str, float]] | Sequence[str],
    classes: Sequence[str],
    *,
    head: str = "similarity",
    statistics: tuple | None = None,
    name: str = "compound",
) -> keras.Model:
    """Make a network of basic expressions name compounds, without training.

    The score of a compound is the weighted mean of its parts' similarities;
    the largest names it. Scores are no logits: what `export` serves as
    probabilities of a composed network ranks its compounds, and says nothing of
    how likely they are. The scores themselves are exported as of any Keras
    model:

        own = models.compose(network, {"nostalgia": parts}, classes)
        own.export("own.tflite", format="litert")

    Args:
        network: trained on basic expressions: an `EMMA`, or any network with a
            layer of logits.
        compounds: parts and weights of each compound, such as `{"nostalgia":
            {"happiness": 0.5, "sadness": 0.5}}`; weights are positive and
            their sum is 1. Names such as `"happiness-surprise"`, the classes of
            `datasets.raf_db.COMPOUND_INFO` and `datasets.ferplus.
            COMPOUND_INFO`, are halves of two.
        classes: basic expressions in the order of the network.
        head: what is mixed: `"similarity"`, the paper's; another layer of
            scores such as `"logits"`, its variant for cross entropy; or
            `"probabilities"`, the softmax of the logits.
        statistics: means and deviations of that layer, `(classes,)` each, by
            which its numbers are brought to one scale. `EMMA`'s similarity is
            normalized already.
        name: name of the model.

    Returns:
        A `keras.Model` from what the network takes to `(batch, compounds)`,
        in their order. It shares the weights of the network and has none to be
        trained besides.

    Raises:
        ValueError: there is no compound, or one twice; a name alone is no
            pair; a part is no class of the network; weights are not positive or
            do not sum to 1; there is no such layer; statistics are not two
            rows of a number for each class, or a deviation is not above 0.

    Example:

    >>> from keras_fer import models
    >>> backbone = models.DAFCNN((48, 48, 1), width=0.125)
    >>> basic = "surprise", "fear", "disgust", "happiness", "sadness", "anger"
    >>> network = models.EMMA(backbone, len(basic))
    >>> mine = {"nostalgia": {"happiness": 0.5, "sadness": 0.5}}
    >>> models.compose(network, mine, basic).output_shape
    (None, 1)
    >>> pairs = "fear-surprise", "sadness-anger"
    >>> models.compose(network, pairs, basic).output_shape
    (None, 2)

    Reference:
        - EMMA, equation 5.
    """
    mixtures = (
        compounds
        if isinstance(compounds, Mapping)
        else {one: _halves(one) for one in compounds}
    )
    if not mixtures or len(mixtures) < len(compounds):
        raise ValueError(
            "`compounds` must name at least one, and each once. Received: "
            f"{', '.join(compounds) or 'none'}"
        )
    source = "logits" if head == "probabilities" else head
    scores = network.get_layer(source).output
    if scores.shape[1:] != (len(classes),):
        raise ValueError(
            f"expected a layer of {len(classes)} numbers, one a class. "
            f"Received: {source}, which gives {tuple(scores.shape)}"
        )
    if head == "probabilities":
        scores = keras.layers.Softmax(dtype="float32", name="probabilities")(
            scores
        )
    if statistics is None:
        statistics = np.zeros(len(classes)), np.ones(len(classes))
    mean, deviation = statistics
    if {np.shape(mean), np.shape(deviation)} != {(len(classes),)} or np.min(
        deviation
    ) <= 0:
        raise ValueError(
            "`statistics` are means and deviations above 0, one a class. "
            f"Received: {statistics}"
        )
    mix = keras.layers.Dense(
        len(mixtures), trainable=False, dtype="float32", name="compounds"
    )
    outputs = mix(scores)
    # The mixture of (score - mean) / deviation.
    kernel = coupling_matrix(mixtures, classes) / np.reshape(deviation, (-1, 1))
    mix.set_weights([kernel, -np.asarray(mean) @ kernel])
    return keras.Model(network.inputs[0], outputs, name=name)


def _halves(name):
    parts = name.split("-")
    if len(parts) != 2:
        raise ValueError(
            "a compound without weights is named by two classes, such as "
            f"'happiness-surprise'. Received: {name!r}"
        )
    return dict.fromkeys(parts, 0.5)


def coupling_matrix(
    mixtures: Mapping[str, Mapping[str, float]], classes: Sequence[str]
) -> np.ndarray:
    """The matrix A of equation 5, `(len(classes), len(mixtures))`.

    Raises:
        ValueError: as `compose`.

    Example:

    >>> from keras_fer.models import emma
    >>> mixture = {"awe": {"fear": 0.25, "surprise": 0.75}}
    >>> emma.coupling_matrix(mixture, ["fear", "anger", "surprise"]).tolist()
    [[0.25], [0.0], [0.75]]
    """
    matrix = np.zeros((len(classes), len(mixtures)), "float32")
    for column, (compound, parts) in enumerate(mixtures.items()):
        for part, weight in parts.items():
            if part not in classes:
                raise ValueError(
                    f"{part!r} is no class of the network: {', '.join(classes)}"
                )
            matrix[list(classes).index(part), column] = weight
        if min(parts.values(), default=0) <= 0 or not np.isclose(
            sum(parts.values()), 1
        ):
            raise ValueError(
                f"weights of {compound!r} must be positive and sum to 1. "
                f"Received: {dict(parts)}"
            )
    return matrix

"""CAKE: a compact embedding of emotion, shared by several corpora.

"CAKE: Compact and Accurate K-dimensional representation of Emotion", section
2.2: on frozen features a linear layer to k numbers, and on these one linear
classifier for each corpus.
"""

import keras

from keras_fer.models.heads import with_heads


def CAKE(
    k: int = 3,
    domains: dict[str, int] | None = None,
    *,
    features_dim: int = 512,
    valence_arousal: bool = False,
    normalize: bool = False,
    heads: tuple[str, ...] = ("logits",),
    name: str = "cake",
) -> keras.Model:
    """Build CAKE-k, or AVk, on features that another network computes.

    1,623 parameters for k = 3 and three corpora of seven expressions. No layer
    has an activation, so what is learned is a plane or a space in which the
    classifiers' regions are cut by planes.

    Args:
        k: numbers of the embedding that are learned. With `valence_arousal` it
            may be 0, the paper's AV.
        domains: number of expressions of each corpus, by its name; by default
            AffectNet, RAF-DB and SFEW with seven each.
        features_dim: size of the features.
        valence_arousal: the embedding is valence and arousal, a second input,
            followed by the k numbers (AVk).
        normalize: the embedding lies on the unit sphere (CAKE-3-Norm).
        heads: any of `"logits"` (`(batch, expressions of all corpora)`, one
            corpus after the other, as `losses.MultiDomainCrossentropy` takes
            them), `"embedding"`, and the names of corpora (the logits of each).
        name: name of the model.

    Returns:
        A `keras.Model` from features `(batch, features_dim)` to the tensor of
        the one head, or to a dict by head. With `valence_arousal` its input is
        a dict of `"features"` and `"valence_arousal"`, `(batch, 2)`, or with
        k = 0 the latter alone.

    Raises:
        ValueError: an argument is out of its range.

    Example:

    >>> from keras_fer import models
    >>> models.CAKE(3).count_params(), models.CAKE(2).count_params()
    (1623, 1089)
    >>> models.CAKE(1, valence_arousal=True).output_shape
    (None, 21)

    Reference:
        - CAKE, section 2.2 and figure 3.
    """
    domains = domains or dict.fromkeys(("affectnet", "raf_db", "sfew"), 7)
    if k < (0 if valence_arousal else 1):
        raise ValueError(
            "`k` must be at least 1, with `valence_arousal` at least 0. "
            f"Received: k={k}"
        )
    known = ("logits", "embedding", *domains)
    if len(set(known)) < len(known) or min(domains.values()) < 2:
        raise ValueError(
            "`domains` must have at least 2 expressions each, and other names "
            f"than logits and embedding. Received: {domains}"
        )
    if isinstance(heads, str) or not heads or not set(heads) <= set(known):
        raise ValueError(
            f"`heads` must be a tuple of any of {', '.join(known)}. Received: "
            f"heads={heads!r}"
        )
    inputs, parts = {}, []
    if valence_arousal:
        inputs["valence_arousal"] = keras.Input((2,), name="valence_arousal")
        parts.append(inputs["valence_arousal"])
    if k:
        inputs["features"] = keras.Input((features_dim,), name="features")
        parts.append(keras.layers.Dense(k, name="compact")(inputs["features"]))
    embedding = parts[0]
    if len(parts) > 1:
        embedding = keras.layers.Concatenate(name="joined")(parts)
    if normalize:
        embedding = keras.layers.UnitNormalization(name="normalized")(embedding)
    embedding = keras.layers.Identity(name="embedding")(embedding)
    classifiers = {
        domain: keras.layers.Dense(
            classes, dtype="float32", name=f"classifier_{domain}"
        )(embedding)
        for domain, classes in domains.items()
    }
    logits = list(classifiers.values())
    if len(logits) > 1:
        logits = [keras.layers.Concatenate(name="logits")(logits)]
    outputs = {"logits": logits[0], "embedding": embedding, **classifiers}
    if len(inputs) == 1:
        (inputs,) = inputs.values()
    return with_heads(inputs, outputs, heads, name)


def CAKENetwork(
    backbone: keras.Model,
    cake: keras.Model,
    *,
    affect_backbone: keras.Model | None = None,
    layer: str = "embedding",
    name: str = "cake_network",
) -> keras.Model:
    """Put CAKE behind the networks whose features it was trained on.

    With `backbone.trainable = False` it trains as on cached features, where
    nothing is dropped in front of `layer`: Keras drops in frozen models too.

    Args:
        backbone: network of images that has the features in `layer`.
        cake: a `CAKE` on these features.
        affect_backbone: network of the same images that estimates valence and
            arousal in a layer `"valence_arousal"`, for a CAKE that takes them;
            by default `backbone`.
        layer: layer of the features.
        name: name of the model.

    Returns:
        A `keras.Model` from the images of `backbone` to the heads of `cake`,
        which shares the weights of all of them.

    Raises:
        ValueError: a network lacks the layer, or takes other images.

    Example:

    >>> from keras_fer import models
    >>> backbone = models.DAFCNN((48, 48, 1), width=0.125)
    >>> cake = models.CAKE(3, {"fer2013": 7}, heads=("fer2013", "embedding"))
    >>> network = models.CAKENetwork(backbone, cake)
    >>> network.output["embedding"].shape
    (None, 3)

    Reference:
        - CAKE, figure 3.
    """
    affect_backbone = affect_backbone or backbone
    if affect_backbone.input_shape != backbone.input_shape:
        raise ValueError(
            "expected two networks of the same images. Received: "
            f"{backbone.input_shape} and {affect_backbone.input_shape}"
        )
    sources = {
        "features": (backbone, layer),
        "valence_arousal": (affect_backbone, "valence_arousal"),
    }
    images = keras.Input(backbone.input_shape[1:], name="images")
    given = {}
    for network in {id(n): n for n, _ in sources.values()}.values():
        places = {
            wanted: network.get_layer(sources[wanted][1]).output
            for wanted in (tensor.name for tensor in cake.inputs)
            if sources[wanted][0] is network
        }
        if places:  # each network runs once
            part = keras.Model(network.input, places, name="_and_".join(places))
            given |= part(images)
    outputs = cake(given if len(given) > 1 else next(iter(given.values())))
    return keras.Model(images, outputs, name=name)

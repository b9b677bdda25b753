import keras
import pytest

from keras_fer.models.heads import check_arguments
from keras_fer.models.heads import with_heads

GOOD = {
    "input_shape": (48, 32, 1),
    "smallest": 32,
    "num_classes": 2,
    "heads": ("logits",),
    "known": ("logits", "embedding"),
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input_shape": (48, 31, 1)}, "at least 32 pixels. Received: .*31"),
        ({"input_shape": (48, 48)}, r"\(height, width, channels\)"),
        ({"input_shape": (None, 48, 1)}, "Received: input_shape=.*None"),
        ({"num_classes": 1}, "at least 2. Received: 1"),
        ({"heads": ()}, r"any of logits, embedding. Received: heads=\(\)"),
        ({"heads": ("logits", "faces")}, "Received: .*'faces'"),
        ({"heads": "logits"}, "must be a tuple .* Received: heads='logits'"),
    ],
)
def test_refused(change, message):
    check_arguments(**GOOD)
    with pytest.raises(ValueError, match=message):
        check_arguments(**{**GOOD, **change})


def test_one_head_is_a_tensor_and_several_a_dict():
    inputs = keras.Input((3,))
    outputs = {"logits": inputs + 1, "embedding": inputs * 2}
    one = with_heads(inputs, outputs, ("embedding",), "net")
    assert one.output is outputs["embedding"] and one.name == "net"
    both = with_heads(inputs, outputs, ("embedding", "logits"), "net")
    assert list(both.output) == ["embedding", "logits"]

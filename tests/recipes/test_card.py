from keras_fer import recipes
from keras_fer.datasets import fer2013
from keras_fer.recipes import card

REPORT = {
    "samples": 10,
    "classes": ["anger", "fear"],
    "recall": [0.5, 0.25],
    "accuracy": 0.6,
    "accuracy_interval": [0.5, 0.7],
    "uar": 0.55,
    "uar_interval": [0.4, 0.65],
    "macro_f1": 0.5,
    "macro_f1_interval": [0.3, 0.6],
    "calibration_error": 0.123,
}
RESULT = {
    "train_images": 28,
    "notes": {"train": ["3 images left out: blank"], "val": ["1 bad"]},
    "epochs": 4,
    "best_epoch": 2,
    "selected_on": "val_accuracy",
    "training_hours": 1.5,
    "weights_sha256": "abc",
}


def test_says_which_split_and_what_was_left_out():
    recipe = recipes.get("zero_bias_cnn_fer2013")
    text = card.write(recipe, {**RESULT, "val": REPORT}, fer2013.INFO)
    assert "| validation, selected on | 10 | 60.0 % (50.0–70.0) |" in text
    assert "The corpus had no test split on disk" in text
    assert "28 images; 3 images left out: blank; 1 bad." in text
    assert "anger 50 %, fear 25 %" in text
    assert "Not meant for" in text
    assert "keras-fer train zero_bias_cnn_fer2013" in text
    assert "{" not in text.replace("`", "")


def test_with_a_test_split_its_recall_is_shown():
    recipe = recipes.get("zero_bias_cnn_fer2013")
    test = {**REPORT, "recall": [0.9, 0.8]}
    text = card.write(
        recipe, {**RESULT, "val": REPORT, "test": test}, fer2013.INFO
    )
    assert "| test | 10 |" in text
    assert "Recall on test: anger 90 %, fear 80 %" in text
    assert "no test split" not in text

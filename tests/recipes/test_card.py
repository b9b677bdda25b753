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


def test_of_several_heads_the_logits_are_taken():
    recipe = recipes.get("daf_cnn_fer2013")
    result = {**RESULT, "val": REPORT}
    one = card.write(recipe, result, fer2013.INFO)
    result["heads"] = ["distances", "embedding", "logits"]
    several = card.write(recipe, result, fer2013.INFO)
    line = "logits = model.predict(faces)"
    assert f"{line}\n" in one
    assert f'{line}["logits"]\n' in several


def test_a_fold_says_which_it_is():
    recipe = recipes.get("zero_bias_cnn_ck_plus_six").of_fold(3)
    text = card.write(recipe, {**RESULT, "val": REPORT}, fer2013.INFO)
    assert "keras-fer train zero_bias_cnn_ck_plus_six --fold 3`" in text


def test_folds():
    recipe = recipes.get("zero_bias_cnn_ck_plus_six")
    figures = {"mean": 0.5, "std": 0.125, "interval": [0.25, 0.75]}
    fold = {"test": REPORT, "val": REPORT, "best_epoch": 2}
    text = card.write_folds(
        recipe,
        {
            "cross_validation": {
                "classes": ["anger", "fear"],
                "recall": [0.5, None],
                "accuracy": figures,
                "uar": {**figures, "std": None},
                "macro_f1": 0.625,
                "samples": 20,
            },
            "folds": [
                {**fold, "fold": 0, "notes": {"val": ["1 image left out"]}},
                {**fold, "fold": 7, "notes": {"test": ["1 image left out"]}},
            ],
            "training_hours": 1.5,
            "selected_on": "val_accuracy",
        },
        fer2013.INFO,
    )
    assert "accuracy **50.0 ± 12.5 % (25.0–75.0)**, 20 images" in text
    assert "UAR 50.0 %, macro F1 62.5 %" in text
    assert "| 7 | 10 | 60.0 % (50.0–70.0) | 60.0 % | 2 |" in text
    assert "anger 50 %, fear –." in text
    assert text.count("1 image left out.") == 1
    assert "for 2 of 10 folds" in text
    assert "{" not in text.replace("`", "")

from keras_fer.recipes import compact_card

FIGURES = {
    measure: {"mean": value, "std": 0.01}
    for measure, value in (("accuracy", 0.5), ("uar", 0.4), ("macro_f1", 0.3))
}
OTHER = {"macro_f1": {"mean": 0.1, "std": None}}
RESULT = {
    "images": {"large": 60, "small": 24},
    "models": {
        "CAKE-3": {
            "dimensions": 3,
            "parameters": 1623,
            "multi_domain_f1": {"mean": 0.25, "std": 0.02},
            "domains": {
                "large": {"large": FIGURES, "small": OTHER},
                "small": {"large": OTHER, "small": FIGURES},
            },
        }
    },
}


def test_tables():
    assert compact_card.f1_markdown(RESULT).splitlines() == [
        "| | numbers | parameters | large | small | all |",
        "|---|---|---|---|---|---|",
        "| CAKE-3 | 3 | 1,623 | 30.0 ± 1.0 | 30.0 ± 1.0 | 25.0 ± 2.0 |",
    ]
    assert compact_card.accuracy_markdown(RESULT).splitlines() == [
        "| | large accuracy | large UAR | small accuracy | small UAR |",
        "|---|---|---|---|---|",
        "| CAKE-3 | 50.0 ± 1.0 | 40.0 ± 1.0 | 50.0 ± 1.0 | 40.0 ± 1.0 |",
    ]
    assert compact_card.cross_markdown(RESULT, "CAKE-3").splitlines() == [
        "| classifier | large | small |",
        "|---|---|---|",
        "| large | 30.0 ± 1.0 | 10.0 |",
        "| small | 10.0 | 30.0 ± 1.0 |",
    ]

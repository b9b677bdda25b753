import copy

from keras_fer.recipes import compact_card


def figures():
    return {
        measure: {"mean": value, "std": 0.01, "values": [value, value + 0.02]}
        for measure, value in (
            ("accuracy", 0.5),
            ("uar", 0.4),
            ("macro_f1", 0.3),
        )
    }


OTHER = {"macro_f1": {"mean": 0.1, "std": None}}
RESULT = {
    "seeds": 2,
    "images": {"large": 60, "small": 24},
    "models": {
        "CAKE-3": {
            "dimensions": 3,
            "parameters": 1623,
            "multi_domain_f1": {"mean": 0.25, "std": 0.02},
            "domains": {
                "large": {"large": figures(), "small": OTHER},
                "small": {"large": OTHER, "small": figures()},
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


def test_what_few_numbers_keep():
    result = copy.deepcopy(RESULT)
    many = copy.deepcopy(result["models"]["CAKE-3"])
    many["domains"]["large"]["large"]["accuracy"]["values"] = [0.625, 0.52]
    result["models"]["CAKE-512"] = many
    lines = compact_card.kept_markdown(result, "CAKE-3", "CAKE-512")
    large, small = lines.splitlines()[2:]
    # .5 of .625 is 80 %, .52 of .52 all.
    assert large == "| large | 50.0 ± 1.0 | 50.0 ± 1.0 | 90.0 ± 14.1 |"
    assert small.endswith("| 100.0 ± 0.0 |")


def test_one_seed_has_no_deviation():
    assert compact_card.deviation([0.5]) is None
    assert compact_card.spread({"mean": 0.5, "std": None}) == "50.0"
    figures = {"mean": 0.5, "std": 0.01, "interval": [0.48, 0.523]}
    assert compact_card.spread(figures) == "50.0 ± 1.0 (48.0–52.3)"


def test_how_planes_lie_to_valence_and_arousal():
    seeds = [
        {
            "faces": faces,
            "means": 0.8,
            "means_p": p,
            "order": ["anger", "fear", "happiness"],
            "neighbors": neighbors,
            "neighbors_p": p,
            "center_distance": 0.25,
        }
        for faces, p, neighbors in ((0.5, 0.01, 3), (0.7, 0.2, 2))
    ]
    summary = {
        "models": {
            "AV": {
                "alignment": seeds,
                "origin": {"web": "neutral", "film": "neutral"},
            },
            "CAKE-3-Norm": {"touches": {}},
        }
    }
    lines = compact_card.alignment_markdown(summary).splitlines()
    assert lines[2:] == [
        "| AV | 60.0 ± 14.1 % | 80.0 ± 0.0 % | 1 of 2 | 2.5 of 3 | 1 of 2 | "
        "0.25 ± 0.00 | neutral |"
    ]

import json

import pytest
from corpora import write_ck48
from corpora import write_fer2013_csv

from keras_fer.datasets import CorpusError
from keras_fer.recipes import audit


def test_what_is_written_and_said(tmp_path):
    path = write_fer2013_csv(tmp_path, train=14, val=7)
    rows = path.read_text().splitlines()
    rows[1] = rows[15].replace("PublicTest", "Training")
    rows += [f"9{row[1:]}" for row in rows[1:8]]
    path.write_text("\n".join(rows))
    report = audit.audit("fer2013", tmp_path / "out", data_dir=tmp_path)
    written = json.loads((tmp_path / "out" / "audit.json").read_text())
    assert written == json.loads(json.dumps(report.to_json()))
    assert (tmp_path / "out" / "class_counts.png").stat().st_size > 5000
    text = audit.summary(report)
    assert "train: 14 images: anger 2, disgust 2" in text
    assert "unknown label" in text and "  and 3 more" in text
    assert "  1 images of train have a copy in val" in text
    assert text.endswith("the splits leak")


def test_arguments_of_the_loader(tmp_path):
    write_ck48(tmp_path)
    report = audit.audit(
        "ck_plus", tmp_path / "out", data_dir=tmp_path, layout="crops", fold=2
    )
    assert report.corpus == "CK+ (48×48 crops)"
    assert set(report.shared_subjects.values()) == {()}
    assert not report.leaks
    assert report.groups == {"subject": 20, "sequence": 140}
    assert "in all: 20 subjects, 140 sequences" in audit.summary(report)
    with pytest.raises(CorpusError, match="no argument lay"):
        audit.audit("ck_plus", tmp_path / "x", data_dir=tmp_path, lay="x")
    assert not (tmp_path / "x").exists()

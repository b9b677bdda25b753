import rich.progress

from keras_fer.datasets.progress import progress_bar


def test_there_is_no_bar_where_nobody_looks(capfd):
    options = progress_bar("Counting")
    assert options["description"] == "Counting" and options["disable"]
    assert list(rich.progress.track(range(3), **options)) == [0, 1, 2]
    assert capfd.readouterr() == ("", "")

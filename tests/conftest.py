import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["MPLBACKEND"] = "agg"
# No test may download or look for a corpus that it did not write.
DATA = os.environ.pop("KERAS_FER_DATA", None)

import pytest  # noqa: E402


@pytest.fixture
def real_data():
    """Folder of the real corpora, for tests marked slow."""
    if DATA is None:
        pytest.skip("KERAS_FER_DATA does not name the folder of the corpora")
    return DATA

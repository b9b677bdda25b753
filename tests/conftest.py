import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["MPLBACKEND"] = "agg"
# Several processes share the cores.
for name in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "TF_NUM_INTRAOP_THREADS",
):
    os.environ.setdefault(name, "1")
# No test may download or look for a corpus that it did not write.
DATA = os.environ.pop("KERAS_FER_DATA", None)

import pytest  # noqa: E402


@pytest.fixture(autouse=True, scope="session")
def graphs_are_not_rewritten():
    """Rewriting the graph of a tiny network takes longer than running it."""
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options(
        {"disable_meta_optimizer": True}
    )


@pytest.fixture
def real_data():
    """Folder of the real corpora, for tests marked slow."""
    if DATA is None:
        pytest.skip("KERAS_FER_DATA does not name the folder of the corpora")
    return DATA


@pytest.fixture(autouse=True)
def no_figure_stays_open():
    """Whoever draws by pyplot, an example in a docstring too, leaves none."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")

from keras_fer.datasets import ck_plus
from keras_fer.datasets import expressions
from keras_fer.datasets import fer2013
from keras_fer.visualization import EXPRESSION_COLORS


def test_every_alias_leads_into_the_vocabulary():
    assert set(expressions.ALIASES.values()) == set(expressions.EXPRESSIONS)
    assert len(set(expressions.EXPRESSIONS)) == 8


def test_corpora_and_colors_use_the_vocabulary():
    for info in (fer2013.INFO, ck_plus.INFO, ck_plus.CROPS_INFO):
        assert set(info.classes) <= set(expressions.EXPRESSIONS)
    assert set(EXPRESSION_COLORS) == set(expressions.EXPRESSIONS)
    assert len(set(EXPRESSION_COLORS.values())) == 8

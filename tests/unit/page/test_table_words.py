from fewshot.page.table_words import TABLE_WORDS
from fewshot.results.study_tables import TABLES


def test_tables_of_a_study_have_their_words_but_those_that_pictures_show():
    assert {*TABLES} - {*TABLE_WORDS} == {"calibration", "images", "map", "neighbours"}
    assert {*TABLE_WORDS} - {*TABLES} == {"gradients", "timings"}
    assert all(note.endswith(".") for _, note in TABLE_WORDS.values())

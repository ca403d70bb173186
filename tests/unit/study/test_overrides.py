"""What --config changes: texts become what the schema wants, and nothing else."""

import copy

import pytest
from studies import MINIMAL, TAUGHT

from fewshot.study.config_errors import ConfigError
from fewshot.study.overrides import check_settings, merged
from fewshot.study.read import read_study


def changed(**overrides):
    """Read the minimal study as Snakemake hands it over: the changes are in the config, too."""
    return read_study(merged(MINIMAL, overrides), overrides)


def test_numbers_truth_values_and_null_arrive_as_text():
    study = changed(
        draws={"repeats": "3", "skip_small_classes": "true", "test_at_most": "null"},
        datasets={"letters": {"max_rejected_fraction": "1e-2", "copy_bits": "~", "folder": ""}},
        heads={"base": {"solver": "end_to_end", "augment": "False", "learning_rate": "2E-3"}},
        experiments={"shots": {"shots": ["2", "4"]}},
        extraction={"batch_size": "8"},
    )
    assert study["draws"] == {
        "test": 8,
        "test_at_most": None,
        "images_per_class": 24,
        "skip_small_classes": True,
        "repeats": 3,
        "seed": 0,
    }
    letters = study["datasets"]["letters"]
    assert (letters["max_rejected_fraction"], letters["copy_bits"]) == (0.01, None)
    assert letters["folder"] is None
    assert study["heads"]["base"]["augment"] is False
    assert study["heads"]["base"]["learning_rate"] == 0.002
    assert study["experiments"]["shots"]["shots"] == [2, 4]
    assert study["extraction"]["batch_size"] == 8


def test_text_stays_text_where_text_is_wanted():
    study = changed(
        datasets={"letters": {"exclude": ["001", "7", "no", "null", "1e3", "2026-11-26"]}},
        draws={"images_per_class": "all", "test": "rest"},
    )
    exclude = study["datasets"]["letters"]["exclude"]
    assert exclude == ["001", "7", "no", "null", "1e3", "2026-11-26"]
    assert (study["draws"]["images_per_class"], study["draws"]["test"]) == ("all", "rest")


@pytest.mark.parametrize("text", ["010", "1:30", "0x10", "x", "1.5", "", "yes"])
def test_what_is_no_number_as_people_write_one_is_refused(text):
    with pytest.raises(ConfigError, match=r"draws.repeats: must be a whole number") as caught:
        changed(draws={"repeats": text})
    assert f"Received: {text if text == '1.5' else repr(text)}. " in str(caught.value)


def test_a_name_of_digits_of_which_snakemake_made_a_number_is_a_name():
    assert changed(study=2026)["study"] == "2026"
    with pytest.raises(ConfigError, match=r"study: must be text. Received: True"):
        changed(study=True)


def test_a_key_of_an_older_study_is_changed_under_both_names():
    old = copy.deepcopy(MINIMAL)
    old["draws"]["test_per_class"] = 8
    overrides = {"draws": {"test_per_class": "4"}}
    assert read_study(merged(old, overrides), overrides)["draws"]["test"] == 4


def test_in_a_file_quotes_make_text():
    config = merged(MINIMAL, {"draws": {"repeats": "3"}})
    with pytest.raises(ConfigError, match=r"draws.repeats: must be a whole number. Received: '3'"):
        read_study(config)


def test_mappings_merge_key_by_key_and_lists_as_a_whole():
    before = copy.deepcopy(MINIMAL)
    both = merged(
        MINIMAL,
        {"heads": {"sgd": {"epochs": 3}}, "experiments": {"shots": {"shots": [1]}}, "draws": 3},
    )
    assert both["heads"] == {"sgd": {"solver": "sgd", "epochs": 3}, "tuned": {"solver": "logistic"}}
    assert both["experiments"]["shots"] == {"layers": ["fc2"], "shots": [1]}
    assert both["draws"] == 3
    assert merged(both, {"draws": {"seed": 1}})["draws"] == {"seed": 1}
    assert before == MINIMAL


def test_the_schema_is_followed_into_mappings_of_names():
    study = changed(distillation={"soft": {**TAUGHT, "hard_weight": "0.5", "shots": ["2"]}})
    assert study["distillation"]["soft"]["hard_weight"] == 0.5
    assert study["distillation"]["soft"]["shots"] == [2]


def test_settings_that_snakemake_takes_are_taken():
    check_settings([])
    check_settings(["study=a", "draws={'repeats': 3, 'test': 2}", "heads=", "x=a=b", "y={a: 1"])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["study"], "a setting is key=value. Received: study. Hint: write draws='{repeats: 3}'"),
        (["draws.repeats=3"], "a setting is key=value. Received: draws.repeats=3."),
        (["=3"], "a setting is key=value. Received: =3."),
        (["study=a", "study=b"], "a key is given once. Received: study."),
        (["draws={repeats: 3, repeats: 4}"], "a key is given once. Received: repeats."),
    ],
)
def test_settings_that_it_would_drop_or_not_explain_are_refused(settings, said):
    with pytest.raises(ConfigError) as caught:
        check_settings(settings)
    header, line = str(caught.value).splitlines()
    assert header == "The config has 1 error:"
    assert line.startswith(f"--config: {said}")


@pytest.mark.parametrize("setting", ["study=010", "study=1_0", "draws=007"])
def test_a_number_that_snakemake_alters_is_refused(setting):
    with pytest.raises(ConfigError, match=f"Received: {setting}. Hint: write"):
        check_settings([setting])

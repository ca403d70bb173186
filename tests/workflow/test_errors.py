"""What a person gets wrong ends in one message, and leaves nothing half-written."""

from projects import (
    command,
    draw_classes,
    fail,
    half_written,
    run,
    study,
    write_study,
)


def errors(printed):
    """Messages of failed jobs, without the rest of what Snakemake prints."""
    return [line.strip() for line in printed.splitlines() if line.strip().startswith("Error: ")]


def test_a_wrong_study_is_refused_before_any_work_with_all_its_errors(fresh):
    changes = {
        "experiments__temperature__temperatures": [0],
        "experiments__shots__shots": [4],
        "backbones__small__weights": "data/missing.weights.h5",
    }
    write_study(fresh, study(**changes))
    printed = fail(fresh)
    assert "The config has 3 errors" in printed
    assert "experiments.temperature.temperatures[0]: must be above 0. Received: 0." in printed
    assert "2 test images and 4 shots need 6 images a class" in printed
    assert "backbones.small.weights: no such file. Received: data/missing.weights.h5." in printed
    assert "Traceback" not in printed
    assert not (fresh / "results").exists()


def test_a_layer_that_the_network_lacks_is_named_with_the_nearest(project):
    wrong = [["block4_pool", "block5_pool", "predictions"], "block5_pol"]
    changes = {"backbones__small__layers": wrong, "experiments__layers__layers": ["block5_pol"]}
    write_study(project, study(**changes))
    printed = fail(project)
    assert (
        "backbones.small.layers: no such layer. Received: block5_pol. Hint: did you mean" in printed
    )
    assert "Traceback" not in printed


def test_a_layer_is_checked_against_the_network_that_the_study_has_now(project):
    path = project / "results/backbones/small.json"
    path.write_text(path.read_text().replace('"include_top": true', '"include_top": false'))
    changes = {"backbones__small__layers": [["block4_pool", "block5_pool", "predictions"], "new"]}
    write_study(project, study(**changes))
    run(project, "--dry-run")


def test_each_dataset_fails_with_its_own_message(fresh):
    draw_classes(fresh / "data/few", 4)
    (fresh / "data/archive.tar").write_bytes(bytes(10240))  # an empty tar
    (fresh / "data/archive.zip").write_bytes(b"PK any bytes")
    changed = {"source": "data/archive.tar", "sha256": "0" * 64, "classes": "folders"}
    named = {
        "few": {"source": "data/few", "classes": "folders"},
        "changed": changed,
        "damaged": {"source": "data/archive.zip", "classes": "folders"},
        "absent": {"source": "data/absent", "classes": "folders"},
    }
    write_study(fresh, study(datasets=named))
    printed = fail(fresh, "--keep-going", *(f"results/{name}/draws.csv" for name in named))
    messages = errors(printed)
    assert len(messages) == 4
    for text in (
        "'$(touch X)' has 4 usable images",
        f"data/archive.tar must have the sha256 {'0' * 64}",
        "An archive must be a whole tar or zip file",
        "source 'data/absent', which is not there",
    ):
        assert sum(text in message for message in messages) == 1
    assert "Traceback" not in printed
    assert not list(fresh.glob("results/*/pool.csv"))
    assert [path.parent.name for path in fresh.glob("results/*/source.json")] == ["few"]
    assert not list(fresh.glob("results/*/images"))
    assert half_written(fresh) == []


def test_a_dataset_of_the_report_that_is_not_here_says_how_to_place_it(fresh):
    done = command(fresh, "--cores", "2", "results/urban_tribes/source.json")
    assert done.returncode != 0
    (message,) = errors(done.stdout)
    assert "data/urban_tribes" in message
    assert "put them there: a tar or zip archive, or a folder" in message
    assert not (fresh / "results/urban_tribes/source.json").exists()
    assert half_written(fresh) == []

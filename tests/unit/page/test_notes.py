from fewshot.page.notes import read_notes


def test_notes_are_lines_of_the_logs_beside_the_manifest(tmp_path):
    assert read_notes(tmp_path / "manifest.csv") == []
    (tmp_path / "scan.log").write_text("read\nNote: 2 images\nA Note: none\n", encoding="utf-8")
    (tmp_path / "fetch.log").write_bytes(b"Note: caf\xe9\n")
    assert read_notes(tmp_path / "manifest.csv") == ["caf\N{REPLACEMENT CHARACTER}", "2 images"]

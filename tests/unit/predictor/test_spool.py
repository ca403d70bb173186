"""Pieces come back as they were, and leave nothing."""

from fewshot.predictor.spool import Spool


def test_pieces_come_back_in_any_order_and_the_folder_stays_empty(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Spool() as spool:
        places = [spool.add(bytes([n]) * n) for n in range(5)]
        assert spool.get(places[3]) == b"\3\3\3"
        places.append(spool.add(b"later"))
        assert [spool.get(place) for place in reversed(places)] == [
            b"later",
            *(bytes([n]) * n for n in (4, 3, 2, 1, 0)),
        ]
        assert list(tmp_path.iterdir()) == []  # no name, so nothing stays of a killed process

import pytest

from fewshot.files import write_text
from fewshot.page.table_words import TABLE_WORDS
from fewshot.page.tables import read_table, read_tables


def table(tmp_path, text, **options):
    path = tmp_path / "table.csv"
    write_text(path, text)
    return read_table(path, "title", "note", **options)


def test_an_interval_stands_behind_its_mean(tmp_path):
    found = table(
        tmp_path,
        "dataset,lift_mean,lift_std,lift_low,lift_high,seconds\n"
        "birds,0.0123456,0.5,-0.00123456,1.2,3.5\nfish,2,,,,\n",
    )
    assert found.header == ["dataset", "lift (points)", "seconds"]
    assert found.rows == [["birds", "1.2 [-0.1, 120.0]", "3.5"], ["fish", "200.0", ""]]
    assert found.numeric == [False, True, True]
    assert found.file == "table.csv"


@pytest.mark.parametrize(
    ("row", "in_percent"), [("0.91974,0.9,1.02", False), ("91.974,90,102", True)]
)
def test_accuracies_are_in_percent_and_stay_below_all(tmp_path, row, in_percent):
    found = table(tmp_path, f"head,accuracy,low,high,std\nsgd,{row},3\n", in_percent=in_percent)
    assert found.header == ["head", "accuracy (%)"]
    assert found.rows == [["sgd", "92.0 [90.0, 100.0]"]]


def test_differences_keep_their_unit_and_are_explained(tmp_path):
    found = table(
        tmp_path,
        "dataset,question,a,b,at,mean,low,high,repeats\n"
        "birds,shots,16-shot,2-shot,fc2,0.40263,0.376,0.429,5\n"
        "birds,novel,x,y,fc2,-0.25,,,1\n",
    )
    assert found.header == ["question", "a", "b", "mean", "repeats"]
    assert found.rows == [
        ["shots", "16-shot", "2-shot", "0.403 [0.376, 0.429]", "5"],
        ["novel", "x", "y", "-0.250", "1"],
    ]
    assert [name for name, _ in found.terms] == ["shots"]


def test_what_all_rows_share_is_told_once_and_results_follow_the_keys(tmp_path):
    found = table(
        tmp_path,
        "dataset,role,layer,shots,note,hard_weight,seconds,source,lift\n"
        "birds,,fc2,2,x,0.1,1.5,a,0.02\nbirds,,fc2,4,x,0.1,1.5,b,0.02\n",
    )
    shared = [("dataset", "birds"), ("layer", "fc2"), ("note", "x"), ("hard weight", "0.1")]
    assert found.constant == shared  # an empty column says nothing
    assert found.header == ["shots", "seconds", "lift (points)", "source"]
    assert found.rows == [["2", "1.5", "2.0", "a"], ["4", "1.5", "2.0", "b"]]


def test_a_single_row_keeps_its_columns(tmp_path):
    found = table(tmp_path, "dataset,layer,test_loss\nbirds,fc2,0.5\n")
    assert (found.header, found.constant) == (["dataset", "layer", "test loss"], [])


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (["12.24", "0.212", "5.05"], ["12.2", "0.2", "5.0"]),  # the median has two digits
        (["120.31", "98.7", "260.5"], ["120", "99", "260"]),
        (["2.3e-11", "6.1237e-11"], ["2.3e-11", "6.1e-11"]),
        (["380", "76"], ["380", "76"]),
        (["0.5", ""], ["0.50", ""]),
    ],
)
def test_a_column_has_one_number_of_decimals(tmp_path, cells, shown):
    rows = "".join(f"{place},{cell}\n" for place, cell in enumerate(cells))
    found = table(tmp_path, f"layer,seconds\n{rows}")
    assert [row[1] for row in found.rows] == shown


def test_means_without_an_interval_keep_their_name(tmp_path):
    found = table(tmp_path, "dataset,x_mean,x_std\nbirds,0.5,0.1\n")
    assert found.header == ["dataset", "x mean", "x std"]


@pytest.mark.parametrize("name", ["007", "1.23456789", "1e5", "nan", ""])
def test_names_stay_as_they_are(tmp_path, name):
    found = table(tmp_path, f"dataset,layer,loss\n{name},{name},1.23456789\n")
    assert found.rows == [[name, name, "1.2"]]
    assert found.numeric == [False, False, True]


def test_a_table_without_rows_has_a_header(tmp_path):
    found = table(tmp_path, "dataset,loss\n")
    assert (found.header, found.rows, found.numeric) == (["dataset", "loss"], [], [False, False])


def test_only_tables_with_rows_are_shown(tmp_path):
    path = tmp_path / "x.csv"
    write_text(path, "dataset\nbirds\n")
    empty = tmp_path / "empty.csv"
    write_text(empty, "dataset\n")
    paths = {**dict.fromkeys(TABLE_WORDS), "surpassed": path, "summary": path, "costs": empty}
    found = read_tables(**paths)
    assert [each.title for each in found] == ["Results", "Where published numbers are surpassed"]


def test_of_a_long_table_the_first_rows_are_shown(tmp_path):
    rows = "".join(f"{number},{number / 2}\n" for number in range(70))
    found = table(tmp_path, f"place,seconds\n{rows}")
    assert (found.total, len(found.rows)) == (70, 50)
    assert found.rows[-1] == ["49", "24"]

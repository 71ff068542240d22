from attention_vat.common.written_numbers import number, p_value
from attention_vat.reports import format_table, metrics_table
from attention_vat.reports.comparison import compare_with_first, holm_adjusted
from tests.interpret.made_up import evaluations
from tests.reports.made_up import three_models


def test_columns_are_aligned():
    table = format_table(["model", "F1"], [["vanilla", "0.793"], ["Attention iVAT", "0.8"]])
    assert table.split("\n") == [
        "model              F1",
        "--------------  -----",
        "vanilla         0.793",
        "Attention iVAT    0.8",
    ]


def test_markdown():
    table = format_table(["model", "F1"], [["a|b\nc", "0.8"]], markdown=True)
    assert table.split("\n") == ["| model  |  F1 |", "| ------ | --: |", "| a\\|b c | 0.8 |"]


def test_no_rows():
    assert format_table(["a", "b"], []) == "a  b\n-  -"


def test_numbers_of_one_model_and_of_two():
    first, second = evaluations()
    one = metrics_table({"vanilla": first})
    assert "difference" not in one
    assert f"{first.metrics['f1'].value:.3f} [" in one
    two = metrics_table({"vanilla": first, "iVAT": second}, ["pearson"], markdown=True)
    header, _, row = two.split("\n")
    assert [cell.strip() for cell in header.split("|")[1:-1]] == ["", "vanilla", "iVAT", "difference", "p"]
    assert row.startswith("| Pearson correlation |")
    difference = second.metrics["pearson"].value - first.metrics["pearson"].value
    assert f"{difference:+.3f}".replace("-", "−") in row


def test_what_one_model_lacks_is_a_dash():
    first, second = evaluations(10)
    del second.metrics["f1"]
    row = metrics_table({"a": first, "b": second}, ["f1"]).split("\n")[2]
    assert "–" in row


def test_three_models():
    results = three_models()
    name = "permutation_difference"
    table = metrics_table(results, [name], markdown=True)
    header, _, row = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.split("\n")]
    columns = ["<iVAT> − plain", "p (Holm)", "third − plain", "p (Holm)"]
    assert header == ["", "plain", "<iVAT>", "third", *columns]
    values = [result.metrics[name].value for result in results.values()]
    assert [cell.split()[0] for cell in row[1:4]] == [number(value) for value in values]
    assert [row[4], row[6]] == [number(value - values[0], sign=True) for value in values[1:]]
    adjusted = holm_adjusted(compare_with_first(results))
    assert [row[5], row[7]] == [p_value(adjusted[model][name].p_value) for model in ("<iVAT>", "third")]
    assert row[5] != row[7]

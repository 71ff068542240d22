import re

from attention_vat.interpret.measures import description_of
from attention_vat.reports.comparison import compare_with_first, holm_adjusted
from attention_vat.reports.markup import escape
from attention_vat.reports.notes import notes_of
from attention_vat.reports.numbers import number, p_value
from attention_vat.reports.overview import class_table, models_list, notes_list, numbers_table, tiles
from tests.interpret.made_up import evaluations
from tests.reports.made_up import all_measures, three_models


def both():
    return dict(zip(["plain", "<iVAT>"], all_measures()))


def test_the_table_has_every_number_in_its_group():
    results = both()
    table = numbers_table(results, compare_with_first(results))
    groups = re.findall(r'scope="rowgroup">([^<]*)<', table)
    assert groups == ["Prediction", "Attention and importance", "With other attention"]
    assert len(re.findall("<tr><th scope=", table)) - 1 == len(results["plain"].metrics)
    after = table.split(">With other attention<")[1].split("rowgroup")[0]
    assert "Permuted attention" in after
    assert "Pearson" not in after
    value = results["plain"].metrics["permutation_difference"].value
    assert f"<td>{value:.3f} <small>[" in after
    assert "undefined" in after


def test_numbers_that_one_model_lacks():
    first, second = evaluations()[0], all_measures()[1]
    results = {"a": first, "b": second}
    table = numbers_table(results, compare_with_first(results))
    row = re.search(r"Adversarial attention, JSD.*?</tr>", table).group(0)
    cells = re.findall("<td>(.*?)</td>", row)
    assert cells[0].startswith("–")
    assert cells[1].startswith(f"{second.metrics['adversarial_jsd'].value:.3f}")
    assert cells[3] == ""


def test_tiles_show_the_important_numbers():
    results = both()
    page = tiles(results, compare_with_first(results))
    titles = re.findall("<h3>([^<]*)<", page)
    assert titles[:2] == ["Pearson correlation", "F1"]
    assert titles[-1] == "Adversarial attention, JSD"
    assert "&lt;iVAT&gt;" in page
    assert "<iVAT>" not in page
    assert page.count("p = ") + page.count("p &lt;") == len(titles)
    assert "Difference" not in tiles({"a": results["plain"]}, {})


def test_numbers_by_predicted_class():
    results = both()
    table = class_table(results)
    groups = re.findall(r'scope="rowgroup">([^<]*)<', table)
    assert groups == ["Predicted 0", "Predicted 1"]
    value = results["plain"].by_prediction["1"]["pearson"].value
    assert f"{value:.3f}".replace("-", "−") in table.split("Predicted 1")[1]
    for result in results.values():
        result.by_prediction.clear()
    assert class_table(results) == ""


def test_models_are_named_if_there_are_two():
    assert "&lt;iVAT&gt;" in models_list(both())
    assert models_list({"a": evaluations()[0]}) == ""


def test_notes_say_what_importance_is():
    notes = notes_list(evaluations()[0])
    assert "|e · ∂y/∂e|, where y is the probability of the positive class, 1." in notes
    assert "50 bootstrap draws" in notes


def test_notes_say_what_the_measures_were_given():
    settings = {
        **evaluations()[0].settings,
        "importance": "integrated_gradients",
        "measures": {
            "correlation": {},
            "adversarial_attention": {"num_steps": 500, "sample": None},
            "faithfulness": {"selection": {"type": "top_words"}, "keep_probabilities": False, "fractions": [0.1, 0.5]},
        },
    }
    notes = notes_of(settings, None)
    assert "|e · ∫₀¹ ∂y/∂e(α e) dα|, where y is the probability of the most probable class." in notes[0]
    assert notes[-2:] == [
        "Adversarial attention: num steps 500, sample all.",
        "Faithfulness: selection type top_words, keep probabilities no, fractions 0.1 0.5.",
    ]


TITLE = description_of("permutation_difference").title


def cells_of(table, title):
    row = re.search(f'<tr><th scope="row">{re.escape(title)}<.*?</tr>', table).group(0)
    return [re.sub(r"<small>.*?</small>", "", cell).strip() for cell in re.findall("<td>(.*?)</td>", row)]


def test_three_models_are_compared_with_the_first_one():
    results = three_models()
    raw = compare_with_first(results)
    table = numbers_table(results, holm_adjusted(raw))
    heads = re.findall('<th scope="col">([^<]*)</th>', table)
    both = ["&lt;iVAT&gt; − plain", "p (Holm)", "third − plain", "p (Holm)"]
    assert heads == ["Measure", "plain", "&lt;iVAT&gt;", "third", *both]
    assert "p-values of each measure adjusted for 2 comparisons by Holm's method" in table
    name = "permutation_difference"
    values = [result.metrics[name].value for result in results.values()]
    cells = cells_of(table, TITLE)
    assert cells[:3] == [number(value) for value in values]
    assert [cells[3], cells[5]] == [number(value - values[0], sign=True) for value in values[1:]]
    larger, smaller = (raw[model][name].p_value for model in ("<iVAT>", "third"))
    assert smaller < larger
    adjusted = [p_value(max(larger, 2 * smaller)), p_value(2 * smaller)]
    assert [cells[4], cells[6]] == [escape(p) for p in adjusted]
    page = tiles(results, holm_adjusted(raw))
    assert page.count("&lt;iVAT&gt;: difference <strong>") == page.count("third: difference <strong>") > 2
    assert f"third: difference <strong>{number(values[2] - values[0], sign=True)}</strong>" in page
    tile = page.split(f"<h3>{escape(TITLE)}</h3>")[1].split("</article>")[0]
    assert re.findall(r"p \(Holm\) (?:= )?([^<]*)<", tile) == [escape(p) for p in adjusted]
    assert "<iVAT>" not in page + table


def test_what_a_later_model_lacks_is_empty_in_its_columns_alone():
    results = three_models()
    second = results["<iVAT>"]
    del second.metrics["permutation_difference"], second.statistics["permutation_difference"]
    raw = compare_with_first(results)
    cells = cells_of(numbers_table(results, holm_adjusted(raw)), TITLE)
    assert cells[1] == cells[3] == "–" and cells[4] == ""
    # Where there is one comparison, there is nothing to adjust.
    assert cells[6] == escape(p_value(raw["third"]["permutation_difference"].p_value))

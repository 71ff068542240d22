import re
from html import escape

from attention_vat.common.written_numbers import number, p_value
from attention_vat.interpret.measures import description_of
from attention_vat.reports.comparison import compare_with_first
from attention_vat.reports.html import render_report
from attention_vat.reports.notes import notes_of
from attention_vat.reports.overview import all_numbers, numbers_by_class, tiles
from tests.interpret.made_up import evaluations
from tests.reports.made_up import all_measures, three_models


def both():
    return dict(zip(["plain", "<iVAT>"], all_measures()))


def page_of(results):
    return render_report(results, "T", pictures=[])


def table_of(results, name="All numbers"):
    return page_of(results).split(f'aria-label="{name}"')[1].split("</table>")[0]


def groups_of(table):
    return re.findall(r'scope="rowgroup">([^<]*)<', table)


def test_the_table_has_every_number_in_its_group():
    results = both()
    table = table_of(results)
    assert groups_of(table) == ["Prediction", "Attention and importance", "With other attention"]
    assert len(re.findall('<th scope="row">', table)) == len(results["plain"].metrics)
    after = table.split(">With other attention<")[1].split("rowgroup")[0]
    assert "Permuted attention" in after
    assert "Pearson" not in after
    value = results["plain"].metrics["permutation_difference"].value
    assert f"<td>{value:.3f} <small>[" in after
    assert "undefined" in after


def test_numbers_that_one_model_lacks():
    first, second = evaluations()[0], all_measures()[1]
    row = re.search(r"Adversarial attention, JSD.*?</tr>", table_of({"a": first, "b": second}), re.S).group(0)
    cells = re.findall("<td>(.*?)</td>", row)
    assert cells[0].startswith("–")
    assert cells[1].startswith(f"{second.metrics['adversarial_jsd'].value:.3f}")
    assert cells[3] == ""
    results = {"a": first, "b": second}
    numbers = all_numbers(results, compare_with_first(results))
    assert numbers.heads == ["a", "b", "Difference", "p"]


def test_tiles_show_the_important_numbers():
    results = both()
    page = page_of(results)
    boxes = page.split('<div class="tiles">')[1].split("<details")[0]
    titles = re.findall("<h3>([^<]*)<", boxes)
    assert titles[:2] == ["Pearson correlation", "F1"]
    assert titles[-1] == "Adversarial attention, JSD"
    assert "&lt;iVAT&gt;" in boxes
    assert "<iVAT>" not in page
    assert boxes.count("p = ") + boxes.count("p &lt;") == len(titles) == boxes.count("<svg")
    assert all(not tile.differences for tile in tiles({"a": results["plain"]}, {}))


def test_numbers_by_predicted_class():
    results = both()
    table = table_of(results, "Numbers by predicted class")
    assert groups_of(table) == ["Predicted 0", "Predicted 1"]
    value = results["plain"].by_prediction["1"]["pearson"].value
    assert f"{value:.3f}".replace("-", "−") in table.split("Predicted 1")[1]
    for result in results.values():
        result.by_prediction.clear()
    assert numbers_by_class(results) is None
    assert "Numbers by predicted class" not in page_of(results)


def test_models_are_named_if_there_are_two():
    assert "&lt;iVAT&gt;</li>" in page_of(both())
    assert 'class="models"' not in page_of({"a": evaluations()[0]})


def test_notes_say_what_importance_is():
    notes = page_of({"a": evaluations()[0]}).split('class="notes"')[1]
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
    row = re.search(f'<tr><th scope="row">{re.escape(title)}<.*?</tr>', table, re.S).group(0)
    return [re.sub(r"<small>.*?</small>", "", cell).strip() for cell in re.findall("<td>(.*?)</td>", row)]


def test_three_models_are_compared_with_the_first_one():
    results = three_models()
    raw = compare_with_first(results)
    table = table_of(results)
    heads = re.findall('<th scope="col">([^<]*)</th>', table)
    differences = ["&lt;iVAT&gt; − plain", "p (Holm)", "third − plain", "p (Holm)"]
    assert heads == ["Measure", "plain", "&lt;iVAT&gt;", "third", *differences]
    assert "p-values of each measure adjusted for 2 comparisons by Holm&#39;s method" in table
    name = "permutation_difference"
    values = [result.metrics[name].value for result in results.values()]
    cells = cells_of(table, TITLE)
    assert cells[:3] == [number(value) for value in values]
    assert [cells[3], cells[5]] == [number(value - values[0], sign=True) for value in values[1:]]
    larger, smaller = (raw[model][name].p_value for model in ("<iVAT>", "third"))
    assert smaller < larger
    adjusted = [p_value(max(larger, 2 * smaller)), p_value(2 * smaller)]
    assert [cells[4], cells[6]] == [escape(p) for p in adjusted]
    page = page_of(results)
    assert page.count("&lt;iVAT&gt;: difference <strong>") == page.count("third: difference <strong>") > 2
    assert f"third: difference <strong>{number(values[2] - values[0], sign=True)}</strong>" in page
    tile = page.split(f"<h3>{escape(TITLE)}</h3>")[1].split("</article>")[0]
    assert re.findall(r"p \(Holm\) (?:= )?([^<]*)<", tile) == [escape(p) for p in adjusted]
    assert "<iVAT>" not in page


def test_what_a_later_model_lacks_is_empty_in_its_columns_alone():
    results = three_models()
    second = results["<iVAT>"]
    del second.metrics["permutation_difference"], second.statistics["permutation_difference"]
    raw = compare_with_first(results)
    cells = cells_of(table_of(results), TITLE)
    assert cells[1] == cells[3] == "–" and cells[4] == ""
    # Where there is one comparison, there is nothing to adjust.
    assert cells[6] == escape(p_value(raw["third"]["permutation_difference"].p_value))
    tile = page_of(results).split(f"<h3>{escape(TITLE)}</h3>")[1].split("</article>")[0]
    assert "third: difference" in tile and "&lt;iVAT&gt;: difference" not in tile

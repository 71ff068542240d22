import re

from attention_vat.interpret.evaluation import compare_evaluations
from attention_vat.reports.notes import notes_of
from attention_vat.reports.overview import class_table, models_list, notes_list, numbers_table, tiles
from tests.interpret.made_up import evaluations
from tests.reports.made_up import all_measures


def both():
    return dict(zip(["plain", "<iVAT>"], all_measures()))


def test_the_table_has_every_number_in_its_group():
    results = both()
    differences = compare_evaluations(*results.values())
    table = numbers_table(results, differences)
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
    table = numbers_table({"a": first, "b": second}, compare_evaluations(first, second))
    row = re.search(r"Adversarial attention, JSD.*?</tr>", table).group(0)
    cells = re.findall("<td>(.*?)</td>", row)
    assert cells[0].startswith("–")
    assert cells[1].startswith(f"{second.metrics['adversarial_jsd'].value:.3f}")
    assert cells[3] == ""


def test_tiles_show_the_important_numbers():
    results = both()
    page = tiles(results, compare_evaluations(*results.values()))
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

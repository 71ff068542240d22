"""What the numbers are called and what they say."""

from typing import Dict, Iterable, List, NamedTuple, Tuple


class Description(NamedTuple):
    """
    # Parameters

    title : `str`
    explanation : `str`
        One sentence for people who see the number for the first time.
    group : `str`, optional (default = `"Other"`)
        Numbers of one group stand together.
    scale : `Tuple[float, float]`, optional (default = `(0, 1)`)
        The smallest and the largest possible value.
    axis : `str`, optional
        What it is in a few letters, for the axis of a picture.
    reading : `str`, optional
        What to look for in its picture.
    better : `int`, optional (default = `0`)
        1 if more of it is better, -1 if less is, 0 if it is neither good nor bad.
    """

    title: str
    explanation: str
    group: str = "Other"
    scale: Tuple[float, float] = (0.0, 1.0)
    axis: str = ""
    reading: str = ""
    better: int = 0


SIGNED = (-1.0, 1.0)


def _predictions(
    suffix: str = "", title: str = "", where: str = "", group: str = "Prediction", better: int = 1
) -> Dict[str, Description]:
    described = {
        "accuracy": ("Accuracy", "Share of sentences whose label is predicted"),
        "f1": ("F1", "F1 score of the positive class"),
        "macro_f1": ("Macro F1", "F1 score of each class, averaged over classes"),
        "micro_f1": ("Micro F1", "F1 score over all classes together, here equal to the accuracy"),
    }
    return {
        n + suffix: Description(name + title, text + where + ".", group, better=better)
        for n, (name, text) in described.items()
    }


def _correlations(
    suffix: str, title: str, one: str, other: str, where: str = "", better: int = 1
) -> Dict[str, Description]:
    group = "Attention and importance"
    described = {
        "pearson": ("Pearson correlation", f"How well {one} follows {other}{where}, mean over sentences."),
        "spearman": ("Spearman correlation", "The same by the ranks of the words."),
        "kendall": (
            "Kendall's τ",
            f"Pairs of words that {one} and {other} put in the same order, minus those in the opposite order{where}.",
        ),
    }
    return {
        **{
            n + suffix: Description(name + title, text, group, SIGNED, better=better)
            for n, (name, text) in described.items()
        },
        "kendall_significant" + suffix: Description(
            f"Kendall's τ, p ≤ .05{title}",
            "Share of sentences whose Kendall correlation has p ≤ .05.",
            group,
            better=better,
        ),
    }


def _human() -> Dict[str, Description]:
    curve, most = "when attention ranks the words that people marked", "the most attended words against the marked ones"
    described = {
        "auprc": ("AUPRC", f"Area under the precision-recall curve {curve}."),
        "average_precision": ("average precision", f"Average precision {curve}."),
        "roc_auc": ("ROC-AUC", "Chance that a word that people marked has more attention than another word."),
        "token_f1_macro": ("token F1", f"F1 of {most}, mean over sentences."),
        "token_f1_micro": ("token F1, micro", "The same, counted over all sentences together."),
        "iou_f1_macro": ("IOU F1", "F1 of spans of attended words that overlap marked spans by at least half."),
        "iou_f1_micro": ("IOU F1, micro", "The same, counted over all sentences together."),
        "exact_f1_macro": (
            "exact span F1",
            "F1 of spans of attended words that are marked spans, mean over sentences.",
        ),
        "exact_f1_micro": ("exact span F1, micro", "The same, counted over all sentences together."),
    }
    return {
        n: Description(f"Human words, {name}", text, "Attention and people", better=1)
        for n, (name, text) in described.items()
    }


def _faithfulness() -> Dict[str, Description]:
    group, lost = "The attended words alone, and all others", "probability lost"
    several = "mean over several shares of attended words (DeYoung et al. 2020)."
    without = "How much of the predicted class's probability is lost without the most attended words"
    alone = "How much of the predicted class's probability is lost with nothing but the most attended words"
    described = {
        "comprehensiveness": ("Comprehensiveness", f"{without}: large is good.", 1),
        "comprehensiveness_aopc": ("Comprehensiveness, AOPC", f"{without}, {several}", 1),
        "sufficiency": ("Sufficiency", f"{alone}: small is good.", -1),
        "sufficiency_aopc": ("Sufficiency, AOPC", f"{alone}, {several}", -1),
    }
    return {
        n: Description(title, text, group, SIGNED, lost, better=better)
        for n, (title, text, better) in described.items()
    }


def _change(title: str, explanation: str, group: str, reading: str = "", better: int = 0) -> Description:
    """Of predictions."""
    return Description(title, explanation, group, axis="total variation distance", reading=reading, better=better)


def _divergence(title: str, explanation: str, group: str, reading: str = "", better: int = 0) -> Description:
    """Of attention; it is at most ln 2."""
    return Description(title, explanation, group, (0.0, 0.7), "Jensen-Shannon divergence", reading, better)


def _other_attention() -> Dict[str, Description]:
    group, tvd, jsd = "With other attention", "otal variation distance of the prediction", "Jensen-Shannon divergence"
    matters = "If large weights matter, this grows from left to right."
    return {
        "permutation_difference": _change(
            "Permuted attention, change of the prediction",
            f"Median t{tvd} when the weights are shuffled (Jain & Wallace 2019).",
            group,
            matters,
        ),
        "adversarial_jsd": _divergence(
            "Adversarial attention, JSD",
            f"How far attention can move, as {jsd}, while the prediction stays (Jain & Wallace 2019).",
            group,
            "Low values mean that this prediction needs this attention.",
        ),
        "adversarial_difference": _change(
            "Adversarial attention, change of the prediction", f"T{tvd} with the adversarial attention.", group
        ),
        "uniform_jsd": _divergence("Uniform attention, JSD", f"{jsd} of attention from an even spread.", group),
        "uniform_difference": _change(
            "Uniform attention, change of the prediction",
            f"T{tvd} when every word gets the same weight (Wiegreffe & Pinter 2019).",
            group,
            matters,
        ),
        "seeds_jsd": _divergence(
            "Other seeds, JSD",
            f"Median {jsd} of attention from that of models trained with other seeds (Wiegreffe & Pinter 2019).",
            group,
            "Low values mean that training ends with the same attention whatever the seed.",
        ),
        "seeds_difference": _change(
            "Other seeds, change of the prediction",
            f"Median t{tvd} from that of models trained with other seeds.",
            group,
        ),
        **_predictions("_uniform", ", uniform attention", " when every word gets the same weight", group, better=0),
        **_predictions("_permuted", ", permuted attention", " when the weights are shuffled", group, better=0),
        **_score_changes("uniform", "every word gets the same weight", group),
        **_score_changes("permuted", "the weights are shuffled", group),
    }


def _score_changes(kind: str, when: str, group: str) -> Dict[str, Description]:
    names = {"accuracy": "Accuracy", "f1": "F1", "macro_f1": "Macro F1", "micro_f1": "Micro F1"}
    return {
        f"{n}_{kind}_change": Description(
            f"{title}, {kind} attention, change",
            f"How much it is above or below that of the model when {when} (Tutek & Šnajder 2020).",
            group,
            SIGNED,
        )
        for n, title in names.items()
    }


def _decision_flips() -> Dict[str, Description]:
    group, orders = (
        "Words without attention",
        {
            "attention": "the most attended words first",
            "importance": "the words of most gradient importance first",
            "random": "words in a random order",
        },
    )
    return {
        **{
            f"flip_share_{n}": Description(
                f"Decision flip, {n}",
                f"Share of words that lose attention until the prediction changes, {order} (Serrano & Smith 2019).",
                group,
                axis="share of words",
                reading="Attention should need fewer words than chance." if n == "attention" else "",
                better=-1 if n == "attention" else 0,
            )
            for n, order in orders.items()
        },
        **{
            f"flips_{n}": Description(
                f"Sentences that flip, {n}", f"Share of sentences whose prediction changes at all, {order}.", group
            )
            for n, order in orders.items()
        },
    }


def _states() -> Dict[str, Description]:
    group = "Hidden states"
    return {
        "conicity": Description(
            "Conicity", "How much the states of a text point the same way (Mohankumar et al. 2020).", group, better=-1
        ),
        "state_norm": Description("Size of states", "Mean norm of a hidden state.", group, (0.0, 10.0)),
        "tying_distance": Description(
            "Distance of states from words", "Mean distance of a hidden state from its embedding.", group, (0.0, 10.0)
        ),
        "word_share": Description(
            "Word share", "Share of the variance of hidden states that their words explain (adjusted η²).", group
        ),
        **{
            f"word_information_{noise:g}{suffix}": Description(
                f"Word information, noise {noise:g}{title}", text, group, (0.0, 7.0 if not suffix else 1.0)
            )
            for noise in (0.5, 1.0, 2.0)
            for suffix, title, text in (
                ("", "", "How many nats a noisy hidden state tells of its word, at least."),
                ("_share", ", share", "The same as a share of what there is to tell."),
                ("_shuffled", ", shuffled", "The same with the words of other states, which should be 0."),
            )
        },
    }


def _attacks() -> Dict[str, Description]:
    group, most, share = "Robustness", (0.0, 20.0), "The same as a share of the sentence."
    left = "How many words are left when no other can go without changing the prediction."
    return {
        "hotflip_success": Description(
            "HotFlip, success", "Share of sentences whose prediction a few exchanged words change.", group, better=-1
        ),
        "hotflip_words": Description("HotFlip, words", "How many words had to be exchanged.", group, most, better=1),
        "hotflip_share": Description("HotFlip, share of words", share, group, better=1),
        "input_reduction_words": Description("Input reduction, words", left, group, most),
        "input_reduction_share": Description("Input reduction, share of words", share, group),
    }


def _perturbed(target: str, words: str) -> Dict[str, Description]:
    group, where = "Robustness", f"under the worst perturbation of the {words}"
    return {
        f"{target}_accuracy": Description(
            f"Accuracy, perturbed {words}",
            f"Share of sentences whose label is predicted {where}.",
            group,
            axis="accuracy",
            better=1,
        ),
        f"{target}_difference": _change(
            f"Change of the prediction, perturbed {words}", f"Mean change {where}.", group, better=-1
        ),
        f"{target}_attention_jsd": _divergence(
            f"Change of attention, perturbed {words}", f"Mean change {where}.", group, better=-1
        ),
        f"{target}_attention_tvd": Description(
            f"Change of attention (TVD), perturbed {words}",
            f"Mean change {where}.",
            group,
            axis="total variation distance",
            better=-1,
        ),
    }


DESCRIPTIONS: Dict[str, Description] = {
    **_predictions(),
    **_correlations("", "", "attention", "gradient importance"),
    **_correlations(
        "_attention_constant",
        ", attention constant",
        "attention",
        "gradient importance",
        ", with attention held constant while the gradient is taken (Jain & Wallace 2019)",
    ),
    **_correlations("_leave_one_out", ", leave-one-out", "attention", "what changes when a word is left out"),
    **_correlations(
        "_gradient_leave_one_out",
        ", gradient and leave-one-out",
        "gradient importance",
        "what changes when a word is left out",
        better=0,
    ),
    **_human(),
    **_faithfulness(),
    **_other_attention(),
    **_decision_flips(),
    **_states(),
    **_attacks(),
    **_perturbed("scores", "attention scores"),
    **_perturbed("embeddings", "word embeddings"),
    "max_attention": Description("Largest attention weight", "Of a sentence.", "Sentences"),
}


def in_order(names: Iterable[str]) -> List[str]:
    """The names in the order of the descriptions, those without one last."""
    order = {name: place for place, name in enumerate(DESCRIPTIONS)}
    return sorted(dict.fromkeys(names), key=lambda name: order.get(name, len(order)))


def description_of(name: str) -> Description:
    """A number that has no description is called by its name."""
    return DESCRIPTIONS.get(name, Description(name.replace("_", " "), ""))

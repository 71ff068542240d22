"""
The measures of an evaluation, one per file. A new one is a registered `Measure` that is imported here.
"""

from attention_vat.interpret.measures.adversarial_attention import AdversarialAttention
from attention_vat.interpret.measures.attacks import HotflipAttack, InputReductionAttack
from attention_vat.interpret.measures.attention_shape import AttentionShape
from attention_vat.interpret.measures.calibration import Calibration
from attention_vat.interpret.measures.choice import (
    DEFAULT_MEASURES,
    applicable_measures,
    check_applicable,
    choose_measures,
)
from attention_vat.interpret.measures.correlation import GradientCorrelation
from attention_vat.interpret.measures.decision_flips import DecisionFlips
from attention_vat.interpret.measures.description import Description
from attention_vat.interpret.measures.faithfulness import Faithfulness
from attention_vat.interpret.measures.leave_one_out import LeaveOneOut
from attention_vat.interpret.measures.measure import (
    Columns,
    CurveStatistics,
    DatasetMeasure,
    EvaluationBatch,
    Measure,
    description_of,
    descriptions,
    in_order,
)
from attention_vat.interpret.measures.permutation import Permutation
from attention_vat.interpret.measures.prediction import PredictionQuality
from attention_vat.interpret.measures.rationales import RationaleAgreement
from attention_vat.interpret.measures.robustness import Robustness
from attention_vat.interpret.measures.seeds import Seeds
from attention_vat.interpret.measures.single_words import SingleWords
from attention_vat.interpret.measures.states import StateConicity
from attention_vat.interpret.measures.uniform import Uniform
from attention_vat.interpret.measures.words_in_states import WordsInStates

__all__ = [
    "DEFAULT_MEASURES",
    "AdversarialAttention",
    "AttentionShape",
    "Calibration",
    "Columns",
    "CurveStatistics",
    "DatasetMeasure",
    "DecisionFlips",
    "Description",
    "EvaluationBatch",
    "Faithfulness",
    "GradientCorrelation",
    "HotflipAttack",
    "InputReductionAttack",
    "LeaveOneOut",
    "Measure",
    "Permutation",
    "PredictionQuality",
    "RationaleAgreement",
    "Robustness",
    "Seeds",
    "SingleWords",
    "StateConicity",
    "Uniform",
    "WordsInStates",
    "applicable_measures",
    "check_applicable",
    "choose_measures",
    "description_of",
    "descriptions",
    "in_order",
]

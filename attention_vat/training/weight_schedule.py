"""Schedules for the weight of the adversarial losses."""

from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError


class WeightSchedule(Registrable):
    """
    A factor in [0, 1] for the weights λ of all regularizers, by training step.

    Registered as a `WeightSchedule` with name "constant": always 1.
    """

    default_implementation = "constant"

    def factor(self, step: int) -> float:
        """
        Returns the factor for the next step.

        # Parameters

        step : `int`
            The number of optimizer steps already made.
        """
        return 1.0


WeightSchedule.register("constant")(WeightSchedule)


@WeightSchedule.register("linear_warmup")
class LinearWarmup(WeightSchedule):
    """
    Grows linearly from `1 / num_steps` at the first step to 1 at step `num_steps`: at the start of training, the
    predictions of a model are not worth smoothing yet.

    Registered as a `WeightSchedule` with name "linear_warmup".

    # Parameters

    num_steps : `int`, required.
        In optimizer steps.
    """

    def __init__(self, num_steps: int) -> None:
        if not 1 <= num_steps < float("inf"):
            raise ConfigurationError(f"schedule: num_steps is {num_steps}, but must be at least 1.")
        self.num_steps = num_steps

    def factor(self, step: int) -> float:
        return min(1.0, (step + 1) / self.num_steps)

"""
Virtual adversarial training on attention scores for AllenNLP. Importing the package registers all its parts. AllenNLP
imports it with `--include-package attention_vat`, or with a file `.allennlp_plugins` that has the line `attention_vat`.
"""

from attention_vat.common.allennlp_required import require_allennlp

require_allennlp()

from attention_vat.common.foreign_warnings import ignore_foreign_warnings  # noqa: E402

ignore_foreign_warnings()

from attention_vat.common.configurations import compose_configurations  # noqa: E402
from attention_vat.common.fixes import apply_fixes  # noqa: E402

apply_fixes()
compose_configurations()

import attention_vat.commands  # noqa: E402
import attention_vat.data  # noqa: E402
import attention_vat.models  # noqa: E402
import attention_vat.modules  # noqa: E402
import attention_vat.predictors  # noqa: E402
import attention_vat.regularizers  # noqa: E402
import attention_vat.training.callbacks  # noqa: E402
from attention_vat.version import VERSION as __version__  # noqa: E402

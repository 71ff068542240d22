"""
Virtual adversarial training on attention scores for AllenNLP. Importing the package registers all its parts. AllenNLP
imports it with `--include-package attention_vat`, or with a file `.allennlp_plugins` that has the line `attention_vat`.
"""

from attention_vat.common.allennlp_required import require_allennlp

require_allennlp()

from attention_vat.common.garbage import without_collection  # noqa: E402

with without_collection():
    from attention_vat.common.foreign_warnings import ignore_foreign_warnings

    ignore_foreign_warnings()

    from attention_vat.common.configurations import compose_configurations
    from attention_vat.common.fixes import apply_fixes

    apply_fixes()
    compose_configurations()

    import attention_vat.commands
    import attention_vat.data
    import attention_vat.models
    import attention_vat.modules
    import attention_vat.predictors
    import attention_vat.regularizers
    import attention_vat.training.callbacks
    from attention_vat.version import VERSION as __version__

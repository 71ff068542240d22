(import '../corpora/snli.libsonnet') + (import '../techniques/word_vat.libsonnet')

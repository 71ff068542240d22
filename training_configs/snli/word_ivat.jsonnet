(import '../corpora/snli.libsonnet') + (import '../techniques/word_ivat.libsonnet')

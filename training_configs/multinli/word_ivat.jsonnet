(import '../corpora/multinli.libsonnet') + (import '../techniques/word_ivat.libsonnet')

(import '../corpora/example.libsonnet') + (import '../techniques/word_ivat.libsonnet')

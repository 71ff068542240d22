(import '../corpora/example.libsonnet') + (import '../techniques/word_vat.libsonnet')

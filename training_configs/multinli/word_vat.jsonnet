(import '../corpora/multinli.libsonnet') + (import '../techniques/word_vat.libsonnet')

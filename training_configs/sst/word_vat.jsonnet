(import '../corpora/sst.libsonnet') + (import '../techniques/word_vat.libsonnet')

(import '../corpora/sst.libsonnet') + (import '../techniques/word_ivat.libsonnet')

(import '../corpora/sst.libsonnet') + (import '../techniques/word_at.libsonnet')

(import '../corpora/sst.libsonnet') + (import '../techniques/word_iat.libsonnet')

(import '../corpora/cnn.libsonnet') + (import '../techniques/word_ivat.libsonnet')

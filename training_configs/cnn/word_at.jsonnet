(import '../corpora/cnn.libsonnet') + (import '../techniques/word_at.libsonnet')

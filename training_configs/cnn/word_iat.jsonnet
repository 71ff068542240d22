(import '../corpora/cnn.libsonnet') + (import '../techniques/word_iat.libsonnet')

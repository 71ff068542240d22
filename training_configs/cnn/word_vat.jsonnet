(import '../corpora/cnn.libsonnet') + (import '../techniques/word_vat.libsonnet')

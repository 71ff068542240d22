(import '../corpora/cnn.libsonnet') + (import '../techniques/vanilla.libsonnet')

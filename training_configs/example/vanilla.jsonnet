(import '../corpora/example.libsonnet') + (import '../techniques/vanilla.libsonnet')

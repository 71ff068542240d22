(import '../corpora/multinli.libsonnet') + (import '../techniques/vanilla.libsonnet')

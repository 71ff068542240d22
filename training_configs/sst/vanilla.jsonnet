(import '../corpora/sst.libsonnet') + (import '../techniques/vanilla.libsonnet')

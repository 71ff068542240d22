(import '../corpora/snli.libsonnet') + (import '../techniques/vanilla.libsonnet')

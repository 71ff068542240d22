(import '../corpora/babi_1.libsonnet') + (import '../techniques/vanilla.libsonnet')

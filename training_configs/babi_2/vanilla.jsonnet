(import '../corpora/babi_2.libsonnet') + (import '../techniques/vanilla.libsonnet')

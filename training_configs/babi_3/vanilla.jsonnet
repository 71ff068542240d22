(import '../corpora/babi_3.libsonnet') + (import '../techniques/vanilla.libsonnet')

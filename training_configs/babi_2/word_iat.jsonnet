(import '../corpora/babi_2.libsonnet') + (import '../techniques/word_iat.libsonnet')

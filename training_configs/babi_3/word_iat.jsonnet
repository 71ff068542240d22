(import '../corpora/babi_3.libsonnet') + (import '../techniques/word_iat.libsonnet')

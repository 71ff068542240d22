(import '../corpora/babi_1.libsonnet') + (import '../techniques/word_iat.libsonnet')

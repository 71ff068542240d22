(import '../corpora/newsgroups.libsonnet') + (import '../techniques/vanilla.libsonnet')

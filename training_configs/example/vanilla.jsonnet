(import '../single_sequence.libsonnet')
+ (import '../corpora/example.libsonnet')
+ (import '../techniques/vanilla.libsonnet')

(import '../single_sequence.libsonnet')
+ (import '../corpora/sst.libsonnet')
+ (import '../techniques/vanilla.libsonnet')

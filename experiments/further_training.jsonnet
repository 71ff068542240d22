// Fine-tuning with 1,000 labels after an encoder was trained further by masked language modeling, with and without
// adversarial self-attention, for as many steps (docs/transformers.md). The encoders:
//
//     allennlp make-dataset sentences --source REVIEWS... --sample 10000 --output-dir data/review_sentences
//     for technique in vanilla adversarial_self_attention adversarial_self_attention_cell; do
//       allennlp train training_configs/sentences_transformer/$technique.jsonnet -s output/further_$technique -o '{
//         "model.model.model_name": "encoders/minilm", "dataset_reader.model_name": "encoders/minilm",
//         "train_data_path": "data/review_sentences/unlabeled.jsonl"}'
//       allennlp make-encoder output/further_$technique/model.tar.gz -o encoders/further_$technique
//     done
local base = import 'transformers.jsonnet';
local from(encoder, variant) = base.techniques('sst', 5, {}, {})[0] {
  techniques: ['vanilla'],
  [if variant != null then 'variant']: variant,
  parameters+: { encoder_name: 'encoders/' + encoder },
};
{
  title: 'SST, 1,000 labels, after further training of the encoder',
  evaluation: ['prediction'],
  measures: ['accuracy', 'f1'],
  parts: [
    from('minilm', null),
    from('further_vanilla', 'trained further'),
    from('further_adversarial_self_attention', 'trained further with ASA'),
    from('further_adversarial_self_attention_cell', 'trained further with ASA, R a mean'),
  ],
}

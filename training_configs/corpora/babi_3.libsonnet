// bAbI task 3:  allennlp make-dataset babi_3
(import '../pair_sequence.libsonnet') + {
  data_dir:: 'data/babi_3',
  batch_size:: 50,
  num_epochs:: 100,
  vectors:: { file: null, dim: 50 },
  hidden_size:: 32,
  tokenizer:: { type: 'words', keep_punctuation: true },
}

// bAbI task 2:  allennlp make-dataset babi_2
(import '../pair_sequence.libsonnet') + {
  data_dir:: 'data/babi_2',
  batch_size:: 50,
  num_epochs:: 100,
  vectors:: { file: null, dim: 50 },
  hidden_size:: 32,
  tokenizer:: { type: 'words', keep_punctuation: true },
}

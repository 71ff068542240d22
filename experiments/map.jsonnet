// Which technique helps when: few labels to all labels, three corpora, prediction and attention.
//
//     for n in 250 1000; do allennlp make-dataset sst --labeled $n -o data/sst_$n; done
//     allennlp make-dataset sst
//     allennlp make-dataset ag_news --labeled 500 -o data/ag_news_500
//     allennlp make-dataset ag_news && allennlp make-dataset newsgroups
//     allennlp make-dataset imdb --labeled 500 -o data/imdb_500
//     allennlp make-dataset sentences --source REVIEWS... --sample 40000 --output-dir data/review_sentences
//     allennlp make-dataset sentences --source NEWS... --sample 40000 --output-dir data/news_sentences
//     allennlp reproduce experiments/map.jsonnet
//
// Words of the vectors are in the vocabulary: with few labels, most words of other sentences are not in the labelled ones.
// Every ε, or λ of tying, is the best of three on validation data, each trained with three seeds that no table shows.
local reviews = 'data/review_sentences/unlabeled.jsonl';
local news = 'data/news_sentences/unlabeled.jsonl';

local setting(corpus, name, labels, data_dir, num_epochs, patience, pool, num_seeds) = {
  corpora: [corpus],
  names: { [corpus]: name },
  labels: labels,
  seeds: std.range(0, num_seeds - 1),
  parameters: {
    data_dir: data_dir,
    num_epochs: num_epochs,
    vectors: { file: 'data/vectors.txt', dim: 100 },
    vocabulary_from_vectors: true,
    hidden_size: 50,
    unlabeled_pool: pool,
  },
  overrides: { 'trainer.patience': patience },
};
local search(low, high) = { num_samples: 3, low: low, high: high, training_seeds: [100, 101, 102] };

local plain(part) = part { techniques: ['vanilla'] };
local words(part) = part { techniques: ['word_at', 'word_vat', 'word_ivat', 'tying+word_at'], search: search(0.1, 3) };
local tying(part) = part { techniques: ['tying'], search: search(0.01, 1) };
local scores(part) = part {
  techniques: ['attention_at', 'attention_vat', 'attention_ivat', 'attention_rp'],
  search: search(0.3, 30),
};
local unlabeled_words(part) = part { techniques: ['word_vat_semi_supervised'], search: search(0.1, 3) };
local unlabeled_scores(part) = part {
  techniques: ['attention_vat_semi_supervised', 'attention_ivat_semi_supervised'],
  search: search(0.3, 30),
};
local all(part) = [
  kind(part)
  for kind in [plain, words, tying, scores, unlabeled_words, unlabeled_scores]
];
// The same with other text, or more of it in a step.
local text(variant, parameters) = function(part) [
  kind(part { variant: variant, parameters+: parameters })
  for kind in [unlabeled_words, unlabeled_scores]
];
local others(part) = text('news', { unlabeled_pool: news })(part) + text('4 times as much', { unlabeled_ratio: 4.0 })(part);

{
  title: 'Which technique helps when',
  evaluation: [
    'correlation',
    'uniform',
    { type: 'permutation', num_permutations: 20 },
    'decision_flips',
    'faithfulness',
    'attention_shape',
    'calibration',
    { type: 'robustness', epsilons: [0.5, 3.0] },
    { type: 'hotflip', sample: 50 },
  ],
  measures: [
    'f1', 'accuracy', 'calibration_error', 'pearson', 'kendall', 'kendall_attention_constant', 'f1_permuted_change',
    'flip_share_attention', 'comprehensiveness_aopc', 'sufficiency_aopc', 'attention_entropy', 'attention_squares',
    'value_variance', 'score_sensitivity', 'scores_accuracy@3', 'embeddings_accuracy@0.5', 'hotflip_share',
    'training_seconds',
  ],
  local sst_1000 = setting('sst', 'SST, 1,000 labels', 1000, 'data/sst_1000', 8, 3, reviews, 10),
  parts: std.flatMap(all, [
    setting('sst', 'SST, 250 labels', 250, 'data/sst_250', 15, 5, reviews, 10),
    sst_1000,
    setting('sst', 'SST, all labels', 6920, 'data/sst', 5, 2, reviews, 10),
    setting('ag_news', 'AG News, 500 labels', 500, 'data/ag_news_500', 10, 3, news, 5),
    setting('newsgroups', '20 Newsgroups', null, 'data/newsgroups', 8, 3, news, 5),
    setting('ag_news', 'AG News, 8,035 labels', 8035, 'data/ag_news', 4, 2, news, 5),
    setting('imdb', 'IMDB, 500 labels', 500, 'data/imdb_500', 10, 3, reviews, 5),
  ]) + others(sst_1000),
}

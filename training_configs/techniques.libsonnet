// The techniques: what stands in the model's `regularizers`. Names with + between them are several at once. A name may
// also have `_semi_supervised` behind it, if a technique needs no label and the corpus has unlabelled text.
//
// epsilon: the papers search it in [0.01, 30] on validation data. That of the word techniques was found on SST's
// validation data for embeddings that start at random, which are small: at 5 nothing is learned. For pretrained vectors
// search it anew.
local attention = { epsilon: 5.0, weight: 1.0 };
local word = { epsilon: 0.1, weight: 1.0 };
local virtual = { xi: 0.1, num_power_iterations: 1 };
// What `normalization` means: docs/is-ivat-different-from-vat.md
local differences = { normalization: 'word' };
local neighbors = { num_neighbors: 10 };
{
  // Without any.
  vanilla: [],
  // Adversarial training on word embeddings (Miyato et al. 2017), and towards the nearest words (Sato et al. 2018).
  word_at: [{ type: 'word_at' } + word],
  word_iat: [{ type: 'word_iat' } + word + neighbors],
  // Virtual adversarial training on them (Miyato et al. 2017, Sato et al. 2018).
  word_vat: [{ type: 'word_vat' } + word + virtual],
  word_ivat: [{ type: 'word_ivat' } + word + virtual + neighbors],
  // Adversarial training on attention scores, along their differences, and at random, the control (Kitada & Iyatomi 2021).
  attention_at: [{ type: 'attention_at' } + attention],
  attention_iat: [{ type: 'attention_iat' } + attention + differences],
  attention_rp: [{ type: 'attention_rp' } + attention],
  // Virtual adversarial training on attention scores, and along their differences (Kitada & Iyatomi 2022).
  attention_vat: [{ type: 'attention_vat' } + attention + virtual],
  attention_ivat: [{ type: 'attention_ivat' } + attention + virtual + differences],
  // Hidden states that stay true to their words (Tutek & Šnajder 2020, Mohankumar et al. 2020): docs/word-level.md
  tying: [{ type: 'tying', weight: 0.1 }],
  masked_language_model: [{ type: 'masked_language_model', weight: 1.0 }],
  conicity: [{ type: 'conicity', weight: 0.5 }],
  // Attention that matters and follows importance, at no cost in F1: docs/word-level.md#what-to-use. ε is for pretrained
  // vectors.
  readable: [{ type: 'tying', weight: 0.1 }, { type: 'word_at' } + word { epsilon: 0.33 }],
}

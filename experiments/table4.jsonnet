// Table 4 of Kitada & Iyatomi (2022): correlation of attention with gradient importance, of the models of Table 3.
// In the same --output-dir nothing is trained again.
(import 'table3.jsonnet') + {
  title: 'Correlation of attention with gradient importance (Table 4)',
  measures: ['pearson', 'pearson_attention_constant', 'kendall', 'kendall_attention_constant'],
}

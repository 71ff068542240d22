from attention_vat.data.tokenizers.words import WordsTokenizer

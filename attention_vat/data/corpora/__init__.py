"""
One file for each corpus of `allennlp make-dataset`: what to download, how to clean and split, the published counts.
"""

from attention_vat.data.corpora.corpus import Corpus
from attention_vat.data.corpora.example import EmbeddedExample
from attention_vat.data.corpora.sentences import Sentences
from attention_vat.data.corpora.sst import StanfordSentimentTreebank

"""
One file for each corpus of `allennlp make-dataset`: what to download, how to clean and split, the published counts.
"""

from attention_vat.data.corpora.adv_glue import AdversarialGlue
from attention_vat.data.corpora.ag_news import AgNews
from attention_vat.data.corpora.babi import BabiOneFact, BabiThreeFacts, BabiTwoFacts
from attention_vat.data.corpora.cnn import CnnNews
from attention_vat.data.corpora.corpus import Corpus
from attention_vat.data.corpora.dream import DialogueComprehension
from attention_vat.data.corpora.example import EmbeddedExample
from attention_vat.data.corpora.glue import MultiNli, QuestionNli, QuoraQuestionPairs
from attention_vat.data.corpora.imdb import LargeMovieReviews
from attention_vat.data.corpora.movies import EraserMovies
from attention_vat.data.corpora.multinli import MultiGenreNaturalLanguageInference
from attention_vat.data.corpora.newsgroups import Newsgroups
from attention_vat.data.corpora.one_billion_words import OneBillionWords
from attention_vat.data.corpora.own import OwnTexts
from attention_vat.data.corpora.sentences import Sentences
from attention_vat.data.corpora.snli import StanfordNaturalLanguageInference
from attention_vat.data.corpora.sst import StanfordSentimentPhrases, StanfordSentimentTreebank
from attention_vat.data.corpora.stsb import SemanticTextualSimilarity
from attention_vat.data.corpora.wnut17 import EmergingEntities

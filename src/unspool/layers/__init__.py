"""Keras layers over the kernels.

LSTM, GRU, SimpleRNN, Bidirectional, TimeDistributed, Embedding, RepeatVector and Dropout have the same arguments,
weights and results as Keras's own. Attention and MultiHeadAttention share only the names with Keras's.
"""

from unspool.kernels import status as kernel_status
from unspool.kernels import use as use_kernels
from unspool.kernels import use_instruction_set
from unspool.kernels.output_loss import LastLayer, output_loss
from unspool.kernels.recurrent import looped, sharded_over
from unspool.layers.attention import Attention, MultiHeadAttention
from unspool.layers.bigrams import HashedBigrams
from unspool.layers.conversion import accelerate, to_keras
from unspool.layers.dropout import Dropout
from unspool.layers.embedding import Embedding
from unspool.layers.explanation import explain
from unspool.layers.flatten import FlattenSteps
from unspool.layers.form_embedding import FormEmbedding
from unspool.layers.pooling import MeanMaxPooling1D
from unspool.layers.recurrent import GRU, LSTM, Bidirectional, SimpleRNN
from unspool.layers.repeat import RepeatVector
from unspool.layers.residual import ResidualDropout
from unspool.layers.time_distributed import TimeDistributed
from unspool.layers.token_dropout import TokenDropout
from unspool.layers.word_convolution import WordConvolution

__all__ = [
    "GRU",
    "LSTM",
    "Attention",
    "Bidirectional",
    "Dropout",
    "Embedding",
    "FlattenSteps",
    "FormEmbedding",
    "HashedBigrams",
    "LastLayer",
    "MeanMaxPooling1D",
    "MultiHeadAttention",
    "RepeatVector",
    "ResidualDropout",
    "SimpleRNN",
    "TimeDistributed",
    "TokenDropout",
    "WordConvolution",
    "accelerate",
    "explain",
    "kernel_status",
    "looped",
    "output_loss",
    "sharded_over",
    "to_keras",
    "use_instruction_set",
    "use_kernels",
]

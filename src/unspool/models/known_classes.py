"""The classes that a .keras file may name: layers, what they are made of, and operations that only compute.

A class is known if Keras can make it with any settings without running code, reading files or filling the memory.
"""

from unspool.keras_internals import MODULES

_VALUES = "__ellipsis__ __keras_tensor__ __slice__ __tuple__"
_LAYERS = """Activation ActivityRegularization Add AdditiveAttention AlphaDropout Attention Average AveragePooling1D
BatchNormalization Bidirectional Concatenate Conv1D Cropping1D Dense DepthwiseConv1D Dot Dropout ELU
Embedding Flatten GRU GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalMaxPooling1D
GroupNormalization GroupQueryAttention Identity InputLayer LSTM LSTMCell LayerNormalization LeakyReLU Masking
MaxPooling1D Maximum Minimum MultiHeadAttention Multiply PReLU Permute RMSNormalization RNN ReLU
RepeatVector Rescaling Reshape SeparableConv1D SimpleRNN SimpleRNNCell Softmax SpatialDropout1D StackedRNNCells
Subtract TimeDistributed UnitNormalization ZeroPadding1D"""
_INITIALIZERS = """Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones
Orthogonal RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros"""
_OPTIMIZERS = "Adadelta Adagrad Adam AdamW Adamax Lion Nadam RMSprop SGD"
_LOSSES = """BinaryCrossentropy CategoricalCrossentropy Huber MeanAbsoluteError MeanSquaredError
SparseCategoricalCrossentropy"""
_METRICS = "AUC Accuracy BinaryAccuracy CategoricalAccuracy Mean MeanAbsoluteError MeanSquaredError"
_OPERATIONS = """Absolute Add All Amax Amin Any Average Clip Concatenate Cos Divide Equal Exp ExpandDims Flip GetItem
Greater GreaterEqual Isnan Less LessEqual Log Log1p LogicalAnd LogicalNot LogicalOr Matmul Max Maximum Mean Min Minimum
Moveaxis Multiply Negative NotEqual OnesLike Power Reshape Roll Sign Sin Sqrt Square Squeeze Stack Std Subtract Sum
Swapaxes Tanh Transpose TrueDivide Var Where ZerosLike"""
_OPERATIONS_OF_NETWORKS = """Celu Elu Gelu Glu HardSigmoid LeakyRelu LogSigmoid LogSoftmax Relu Relu6 Selu Sigmoid Silu
Softmax Softplus Softsign"""

KNOWN: dict[str | None, frozenset[str]] = {
    module: frozenset(names.split())
    for module, names in {
        None: _VALUES,
        "keras": "DTypePolicy Functional Sequential",
        "keras.layers": _LAYERS,
        "keras.initializers": _INITIALIZERS,
        "keras.regularizers": "L1 L1L2 L2",
        "keras.constraints": "MaxNorm MinMaxNorm NonNeg UnitNorm",
        "keras.optimizers": _OPTIMIZERS,
        "keras.losses": _LOSSES,
        "keras.metrics": _METRICS,
        MODULES["functional"]: "Functional",
        MODULES["operations"]: _OPERATIONS,
        MODULES["neural-network operations"]: _OPERATIONS_OF_NETWORKS,
        MODULES["core operations"]: "Cast ConvertToTensor StopGradient",
    }.items()
}
"""By their module; unspool's own layers and models come with them."""

"""Names of expressions, and what corpora call them."""

BASIC = ("anger", "disgust", "fear", "happiness", "sadness", "surprise")

EXPRESSIONS = (*BASIC, "neutral", "contempt")

# Folder names found in published copies, in lower case.
ALIASES = {
    "angry": "anger",
    "happy": "happiness",
    "sad": "sadness",
    "disgusted": "disgust",
    "fearful": "fear",
    "surprised": "surprise",
    **{name: name for name in EXPRESSIONS},
}

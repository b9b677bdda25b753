"""One color an expression, the same in every figure."""

# Five colors of Okabe and Ito (2008), who chose them for readers with color
# vision deficiencies, and three more; neutral is gray.
EXPRESSION_COLORS = {
    "anger": "#D55E00",
    "contempt": "#8C564B",
    "disgust": "#009E73",
    "fear": "#AA4499",
    "happiness": "#E69F00",
    "neutral": "#7F7F7F",
    "sadness": "#0072B2",
    "surprise": "#56B4E9",
}

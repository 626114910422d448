"""What turns pictures into the feature maps that the contrastive ratio compares."""

from apanet_core.losses.features.choice import load_features
from apanet_core.losses.features.encoder import EncoderFeatures
from apanet_core.losses.features.extractor import FeatureExtractor
from apanet_core.losses.features.vgg19 import Vgg19Features

__all__ = ["EncoderFeatures", "FeatureExtractor", "Vgg19Features", "load_features"]

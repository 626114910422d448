"""Videos in and out of files through PyAV: every frame with its time, always as RGB.

PyAV comes with the extra `tools` and is imported where a video is opened, not before.
"""

from apanet_core.recordings.videos.formats import check_video_name, is_video_name
from apanet_core.recordings.videos.properties import VideoProperties
from apanet_core.recordings.videos.reader import VideoReader
from apanet_core.recordings.videos.stereo import StereoVideo
from apanet_core.recordings.videos.writer import VideoWriter

__all__ = [
    "StereoVideo",
    "VideoProperties",
    "VideoReader",
    "VideoWriter",
    "check_video_name",
    "is_video_name",
]

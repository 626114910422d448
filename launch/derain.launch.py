"""Start the derain node on one stereo camera: `ros2 launch apanet_ros derain.launch.py -s`."""

from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from launch import LaunchContext, LaunchDescription

CONFIG = PathJoinSubstitution([FindPackageShare("apanet_ros"), "config", "derain.yaml"])
SETUP = {
    "namespace": ("", "Namespace of the camera, whose topics are <namespace>/left/image_rect ..."),
    "params_file": (CONFIG, "Parameter file. The arguments below, where given, win over it."),
    "log_level": ("info", "debug, info, warn, error or fatal."),
}
OVERRIDES = {
    "output_namespace": (str, "Namespace of the outputs, below the camera's or absolute."),
    "transport": (str, "How images come: raw, or compressed on topics that end in /compressed."),
    "model": (str, "Name of shipped weights, or path of a weights file."),
    "device": (str, "auto, cpu, cuda or cuda:N."),
    "veil_removal": (float, "How much of the veil is removed, 0 to 1; at 0 brightness stays."),
    "side_by_side": (bool, "Whether one topic, image_rect, holds both views side by side."),
    "latency_budget_ms": (float, "Largest age of a pair at publication; 0 is no limit."),
    "use_sim_time": (bool, "Take the time from /clock."),
}
REMAPS = {
    "image": "image_rect",
    "camera_info": "camera_info",
    "left_image": "left/image_rect",
    "left_camera_info": "left/camera_info",
    "right_image": "right/image_rect",
    "right_camera_info": "right/camera_info",
}
# Where a parameter has another name than its argument.
PARAMETERS = {"transport": "input_transport"}


def generate_launch_description() -> LaunchDescription:
    """Return the launch arguments and the node."""
    return LaunchDescription(
        [
            *(
                DeclareLaunchArgument(name, default_value=default, description=text)
                for name, (default, text) in SETUP.items()
            ),
            *(
                DeclareLaunchArgument(name, default_value="", description=text)
                for name, (_, text) in OVERRIDES.items()
            ),
            *(
                DeclareLaunchArgument(
                    name, default_value="", description=f"The camera's topic in place of {topic}."
                )
                for name, topic in REMAPS.items()
            ),
            OpaqueFunction(function=derain_node),
        ]
    )


def derain_node(context: LaunchContext) -> list[Node]:
    """Return the node with the parameter file and the arguments that were given."""
    given = {
        PARAMETERS.get(name, name): ParameterValue(LaunchConfiguration(name), value_type=kind)
        for name, (kind, _) in OVERRIDES.items()
        if LaunchConfiguration(name).perform(context)
    }
    return [
        Node(
            package="apanet_ros",
            executable="derain_node",
            namespace=LaunchConfiguration("namespace"),
            parameters=[LaunchConfiguration("params_file"), given],
            remappings=remappings(context),
            ros_arguments=["--log-level", LaunchConfiguration("log_level")],
            output="screen",
        )
    ]


def remappings(context: LaunchContext) -> list[tuple[str, str]]:
    """Return the camera's topics that were given; a compressed one stands for its own name."""
    given = {name: LaunchConfiguration(name).perform(context) for name in REMAPS}
    return [
        (REMAPS[name] + ("/compressed" if topic.endswith("/compressed") else ""), topic)
        for name, topic in given.items()
        if topic
    ]

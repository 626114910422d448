"""What comes after deraining: stereo matching, features, odometry; rainy, derained and clean."""

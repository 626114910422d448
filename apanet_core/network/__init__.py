"""APANet (Asymmetrical Parallax Attention Network, IEEE TCI 2025, doi 10.1109/TCI.2025.3527142).

`config` and the names below that need no tensor library import without torch.
"""

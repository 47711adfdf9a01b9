"""Detectors of faces and text: boxes in photos, by neural networks on onnxruntime and NumPy.

They are an extra: nothing else needs these packages. Weights are files of their own (`models`).
"""

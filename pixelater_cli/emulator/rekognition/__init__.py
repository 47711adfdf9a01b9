"""Rekognition of the emulator: DetectFaces and DetectText, answered by the local detectors."""

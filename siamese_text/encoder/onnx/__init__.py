"""An encoder as one ONNX graph: exported, checked, quantised to int8, and run without PyTorch."""
